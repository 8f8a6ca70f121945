import type { ByteString } from '../bytes.js'
import type { DirectoryNode, Metadata } from './node.js'

/** What a directory gets that nobody described: 0755, owned by root. */
export function plainDirectory(
  mtime: number,
  owner: { uid: number; gid: number } = { uid: 0, gid: 0 },
): DirectoryNode {
  return directoryOf({ mode: 0o755, uid: owner.uid, gid: owner.gid, mtime })
}

/** An empty directory with these attributes. */
export function directoryOf(meta: Metadata): DirectoryNode {
  return { type: 'directory', meta, children: new Map() }
}

/** Names in the order of their bytes: the order in which layers are written. */
export function sortedNames(directory: DirectoryNode): ByteString[] {
  return [...directory.children.keys()].sort()
}
