import type { BlobStore, ByteString, Digest, DirectoryNode, RecordStore } from '@cooperage/store'
import type { RemoteOptions } from '../remote/remote-options.js'
import type { SshSource } from '../secrets/open-ssh.js'
import type { SecretSource } from '../secrets/secret-source.js'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'
import type { IgnoredListener } from './ignored-listener.js'

/** Where the files of a build come from. A value: nothing is read before `load`. */
export interface ContextSource {
  /** For messages and events: a path, `tar archive`, `memory`. */
  readonly name: string
  /**
   * Reads all names and attributes, and no content that stays where it is. May be called again, and then sees the
   * source as it is then; an archive that streams can be loaded once.
   * @throws E_CTX_MISSING, E_CTX_NOT_DIR, E_CTX_ACCESS, E_CTX_CHANGED, E_IGNORE_PATTERN, E_LIMIT; E_TAR_… for archives; E_HTTP_… and E_GIT_… for remote ones
   */
  load(options?: ContextLoadOptions): Promise<LoadedContext>
  /** As `LoadedContext.readFile`, for sources that can do it without loading: a Dockerfile is judged before a long walk. */
  readFile?(path: string): Promise<Uint8Array | undefined>
}

export interface ContextLoadOptions {
  /**
   * Path of the Dockerfile in the context, or several of which the first that is there counts:
   * `<Dockerfile>.dockerignore` beside it wins over `.dockerignore`.
   */
  readonly dockerfile?: string | readonly string[]
  /** An ignore file that was read elsewhere, such as one beside a Dockerfile outside of the context. Wins over all. */
  readonly ignore?: IgnoreText
  /** Path in the context of a file with the rules of git, such as `.gitignore`, applied beside `.dockerignore`. */
  readonly ignoreFrom?: string
  /** Takes the content of what does not stay in place; needed by `tarContext` and `remoteContext`. */
  readonly spool?: BlobStore
  /** Remembers what was fetched from where: it is then not fetched again. */
  readonly records?: RecordStore
  /** How URLs and git repositories are reached. */
  readonly remote?: RemoteOptions
  /** As whom: see `openSecrets` and `openSsh`. */
  readonly secrets?: SecretSource
  readonly ssh?: SshSource
  /** Asks that `.git` comes along, as the build argument BUILDKIT_CONTEXT_KEEP_GIT_DIR does, for git sources. */
  readonly keepGitDir?: boolean
  /**
   * A directory of this machine that belongs to no context, even where one holds it: that of the store, which would grow
   * with every build that copies it.
   */
  readonly leaveOut?: string
  /** Hears of what is left out, as `listContext` does. A source may be unable to tell. */
  readonly ignored?: IgnoredListener
  readonly signal?: AbortSignal
}

export interface IgnoreText {
  /** For messages. */
  readonly file: string
  readonly text: string | Uint8Array
}

export interface LoadedContext {
  /** What COPY can see: ignored entries left out. Owners are 0:0, but for archives, which keep theirs. */
  readonly tree: DirectoryNode
  /** Files in the tree, each name of a hard link counted. */
  readonly files: number
  /** Their sizes summed up. */
  readonly bytes: number
  /** What was left out though no ignore file names it, by path. */
  readonly warnings: readonly ContextWarning[]
  /** Absent when nothing was to be ignored. `explain` says why COPY cannot see a path. */
  readonly ignore?: IgnoreMatcher
  /** What the tree holds although the `.gitignore` at its root names it; absent without one, and below 50 MB. */
  readonly gitignored?: { readonly files: number; readonly bytes: number }
  /** Names the whole tree, where it was told before a file was read: a commit, an archive. */
  readonly treeDigest?: Digest
  /**
   * The time of a source that has one, in seconds since 1970: of the commit, of `Last-Modified`, or of the newest file
   * of an archive.
   */
  readonly time?: number
  /** Two contexts with the same identity come from the same place. */
  readonly identity: string
  /**
   * A file of the source, ignored or not, links followed inside the source: the Dockerfile itself. Undefined when it
   * is not there. @throws E_CTX_OUTSIDE, E_CTX_NOT_FILE, E_CTX_ACCESS, E_LIMIT above 16 MiB
   */
  readFile(path: string): Promise<Uint8Array | undefined>
}

export interface ContextWarning {
  readonly path: ByteString
  /** The last is the directory that `leaveOut` names. */
  readonly kind: 'fifo' | 'socket' | 'device' | 'store'
}
