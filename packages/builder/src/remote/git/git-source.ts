import {
  type ArchiveItem,
  applyArchive,
  type BlobStore,
  type ByteString,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  isDigest,
  type RecordStore,
  scanTar,
  splitPath,
  toUtf8,
} from '@cooperage/store'
import type { SshSource } from '../../secrets/open-ssh.js'
import { NO_SECRETS, type SecretSource } from '../../secrets/secret-source.js'
import { DEFAULT_MAX_BYTES, type RemoteOptions } from '../remote-options.js'
import { soundBlob } from '../sound-blob.js'
import { type FetchedCommit, fetchCommit } from './fetch-commit.js'
import { followGitRedirect } from './follow-git-redirect.js'
import { gitAuthorization } from './git-authorization.js'
import { aboutRemote } from './git-error.js'
import type { GitAccess } from './git-process.js'
import type { GitUrl } from './git-url.js'
import { refuseUnservedGit } from './refuse-unserved-git.js'
import { resolveRef } from './resolve-ref.js'

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
  readonly commit: string
  /** Made once: the files of the commit at the subdirectory asked for. Owners are 0:0, times that of the commit. */
  tree(): Promise<DirectoryNode>
}

const KIND = 'git'

/**
 * Asks a repository which commit a URL means; its files are fetched when somebody wants the tree.
 * @throws E_GIT_… for what goes wrong, E_GIT_UNSERVED for wishes that this version refuses
 */
export async function openGit(url: GitUrl, options: GitOptions): Promise<GitSource> {
  refuseUnservedGit(url)
  const { remote: settings, secrets = NO_SECRETS, signal } = options
  const authorization = await gitAuthorization(url.remote, { secrets, signal, isChosen: true })
  const asked = { remote: url.remote, authorization, ssh: options.ssh?.get('default'), settings, signal }
  const { answer, access } = await followGitRedirect(asked, (access) => resolveRef(url, access))
  const { commit } = answer
  let tree: Promise<DirectoryNode> | undefined
  return {
    commit,
    tree() {
      tree ??= readTree(url, commit, { ...options, access })
      return tree
    },
  }
}

interface FetchOptions extends GitOptions {
  readonly access: GitAccess
}

async function readTree(url: GitUrl, commit: string, options: FetchOptions): Promise<DirectoryNode> {
  const { blobs, signal } = options
  const fetched = () => fetchAndRemember(url, commit, options)
  const known = await recall(url, commit, options)
  const { archive, submodules } = known ?? (await fetched())
  if (known !== undefined) {
    await soundBlob(archive, { blobs, signal, again: async () => ({ digest: (await fetched()).archive }) })
  }
  await using range = await blobs.openRange(archive)
  const items: ArchiveItem[] = []
  for await (const item of scanTar(range, { signal })) items.push(item)
  const root = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: items[0]?.entry.mtime ?? 0 })
  const tree = applyArchive(root, items, { blob: archive, as: 'archive' })
  const names = splitPath(fromUtf8(url.subdir ?? ''))
  refuseSubmodules(url, names, submodules)
  return subdirectory(url, tree, names)
}

function refuseSubmodules(
  url: GitUrl,
  names: readonly ByteString[],
  submodules: readonly ByteString[],
): void {
  if (url.submodules === false) return
  const prefix = names.map((name) => `${name}/`).join('')
  const wanted = submodules.find((path) => path.startsWith(prefix) || `${path}/` === prefix)
  if (wanted === undefined) return
  throw aboutRemote('E_GIT_UNSERVED', url.remote, {
    problem: `it has submodules, which are not served yet: ${JSON.stringify(toUtf8(wanted))}`,
    hint: 'say ?submodules=false to have them as empty directories',
    data: { submodules: submodules.slice(0, 20).map(toUtf8) },
  })
}

/** Each part must be a directory: a link could lead anywhere in the repository (CVE-2026-33748). */
function subdirectory(url: GitUrl, tree: DirectoryNode, names: readonly ByteString[]): DirectoryNode {
  let directory = tree
  for (const [index, name] of names.entries()) {
    const child = directory.children.get(name)
    if (child?.type !== 'directory') {
      const path = toUtf8(names.slice(0, index + 1).join('/'))
      const what = child === undefined ? 'it has no' : 'not a directory in it:'
      throw aboutRemote('E_GIT_SUBDIR', url.remote, {
        problem: `${what} ${JSON.stringify(path)}`,
        data: { path },
      })
    }
    directory = child
  }
  return directory
}

async function fetchAndRemember(url: GitUrl, commit: string, options: FetchOptions): Promise<FetchedCommit> {
  const { blobs, records, remote, access } = options
  const maxBytes = remote.maxBytes ?? DEFAULT_MAX_BYTES
  const { answer: fetched } = await followGitRedirect(access, (access) =>
    fetchCommit(commit, { ...access, blobs, maxBytes }),
  )
  await records?.put(KIND, keyOf(url, commit), JSON.stringify({ ...fetched, blobs: [fetched.archive] }))
  return fetched
}

async function recall(
  url: GitUrl,
  commit: string,
  { records }: GitOptions,
): Promise<FetchedCommit | undefined> {
  const text = await records?.getText(KIND, keyOf(url, commit))
  if (text === undefined) return undefined
  try {
    const { archive, size, submodules } = JSON.parse(text) as { [key in keyof FetchedCommit]?: unknown }
    if (!isDigest(archive) || typeof size !== 'number' || !Array.isArray(submodules)) return undefined
    return { archive, size, submodules: submodules.filter((path) => typeof path === 'string') }
  } catch {
    return undefined
  }
}

function keyOf(url: GitUrl, commit: string): string {
  return `${url.remote}\n${commit}`
}
