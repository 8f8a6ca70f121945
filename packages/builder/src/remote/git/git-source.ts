import type { BlobStore, DirectoryNode, RecordStore } from '@cooperage/store'
import type { SshSource } from '../../secrets/open-ssh.js'
import { NO_SECRETS, type SecretSource } from '../../secrets/secret-source.js'
import { DEFAULT_MAX_BYTES, type RemoteOptions } from '../remote-options.js'
import { followGitRedirect } from './follow-git-redirect.js'
import { authorizedRemote } from './git-authorization.js'
import { keepsGitDir } from './git-identity.js'
import { GitTrees } from './git-trees.js'
import type { GitUrl } from './git-url.js'
import { refuseUnservedGit } from './refuse-unserved-git.js'
import { type ResolvedRef, resolveRef } from './resolve-ref.js'

export interface GitOptions {
  readonly blobs: BlobStore
  /** Remembers the files of commits: one that the store has is not fetched again. */
  readonly records?: RecordStore | undefined
  readonly remote: RemoteOptions
  /** Where `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER` are looked for. */
  readonly secrets?: SecretSource | undefined
  /** Of which git uses the agent `default`. */
  readonly ssh?: SshSource | undefined
  readonly signal: AbortSignal
}

/** A repository of which is known which commit is meant. */
export interface GitSource {
  readonly ref: ResolvedRef
  /**
   * Made once: the files of the commit at the subdirectory asked for, those of submodules included. Owners are 0:0,
   * times those of the commits.
   */
  tree(): Promise<DirectoryNode>
}

/**
 * Asks a repository which commit a URL means; its files are fetched when somebody wants the tree.
 * @throws E_GIT_… for what goes wrong, E_GIT_UNSERVED for wishes that this version refuses
 */
export async function openGit(url: GitUrl, options: GitOptions): Promise<GitSource> {
  refuseUnservedGit(url)
  const { blobs, records, remote: settings, secrets = NO_SECRETS, signal } = options
  const remote = await authorizedRemote(url.remote, { secrets, signal, isChosen: true })
  const asked = { ...remote, ssh: options.ssh?.get('default'), settings, signal }
  const { answer: ref, access } = await followGitRedirect(asked, (access) => resolveRef(url, access))
  let tree: Promise<DirectoryNode> | undefined
  return {
    ref,
    tree() {
      const trees = new GitTrees({
        blobs,
        records,
        secrets,
        access,
        root: url.remote,
        maxBytes: settings.maxBytes ?? DEFAULT_MAX_BYTES,
        keepsGitDir: keepsGitDir(url),
        hasSubmodules: url.submodules ?? true,
      })
      tree ??= trees.read(ref, url.subdir ?? '')
      return tree
    },
  }
}
