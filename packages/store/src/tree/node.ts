import type { ByteString } from '../bytes.js'
import type { Digest } from '../digest.js'

/** What every entry of a file system has. */
export interface Metadata {
  /** The low twelve bits: permissions, setuid, setgid, sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970, with a fraction where the source had one. Layers keep whole seconds. */
  readonly mtime: number
  /** Absent when there are none. Values are raw bytes. */
  readonly xattrs?: ReadonlyMap<ByteString, Uint8Array>
}

/** Where the bytes of a file are. A reference, never a copy (small literal files aside). */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A range of a blob of the store; the blob is not compressed (a layer tar). */
  | { readonly kind: 'blob'; readonly blob: Digest; readonly offset: number }
  /** Runs of data in a blob, the rest zero bytes. `at` is the position in the file. */
  | { readonly kind: 'sparse'; readonly blob: Digest; readonly runs: readonly SparseRun[] }
  /** A file of a build context on this machine, as it was when the context was walked. */
  | { readonly kind: 'host'; readonly path: ByteString; readonly stat: HostStat }

export interface SparseRun {
  readonly at: number
  readonly offset: number
  readonly length: number
}

/** Identity of a host file at one moment; equal values mean unchanged content. Times in nanoseconds. */
export interface HostStat {
  readonly dev: number
  readonly ino: number
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** Two names for the same node object are a hard link. A copy that must not be one is a new object. */
export interface FileNode {
  readonly type: 'file'
  readonly meta: Metadata
  /** In bytes. */
  readonly size: number
  readonly content: Content
  /** sha256 of the content, when it is known already. */
  readonly digest?: Digest
}

export interface DirectoryNode {
  readonly type: 'directory'
  readonly meta: Metadata
  /** By name, in no order; a writer sorts. */
  readonly children: ReadonlyMap<ByteString, TreeNode>
}

export interface SymlinkNode {
  readonly type: 'symlink'
  readonly meta: Metadata
  readonly target: ByteString
}

export interface DeviceNode {
  readonly type: 'char' | 'block'
  readonly meta: Metadata
  readonly major: number
  readonly minor: number
}

export interface FifoNode {
  readonly type: 'fifo'
  readonly meta: Metadata
}

export type TreeNode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode
