import type { ByteString } from '../bytes.js'
import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'
import type { TarEntry } from '../tar/entry.js'
import type { ArchiveItem } from './apply.js'
import type { Content, Metadata, TreeNode } from './node.js'

/** An archive's entry as a node whose content is a range of the archive. Not for hard links, which name another node. */
export function entryToNode(item: ArchiveItem, blob: Digest): TreeNode {
  const { entry } = item
  const meta = metadataOf(entry)
  switch (entry.type) {
    case 'directory':
      return { type: 'directory', meta, children: new Map() }
    case 'file':
    case 'hardlink':
      return { type: 'file', meta, size: entry.size, content: contentOf(item, blob) }
    case 'symlink':
      if (entry.linkname === '') {
        throw new CooperageError('E_TAR_LINK', `entry ${item.index} is a symbolic link to nothing`)
      }
      // Whatever the archive says, a link has all permissions on Linux.
      return { type: 'symlink', meta: { ...meta, mode: 0o777 }, target: entry.linkname }
    case 'fifo':
      return { type: 'fifo', meta }
    case 'char':
    case 'block':
      if (entry.type === 'char' && entry.devmajor === 0 && entry.devminor === 0) {
        // To overlayfs this device is a whiteout: it would hide a file without saying so.
        throw new CooperageError('E_TAR_DEVICE', `entry ${item.index} is the character device 0:0`)
      }
      return { type: entry.type, meta, major: entry.devmajor, minor: entry.devminor }
  }
}

function contentOf(item: ArchiveItem, blob: Digest): Content {
  if (item.sparse !== undefined) return { kind: 'sparse', blob, runs: item.sparse }
  return { kind: 'blob', blob, offset: item.offset }
}

function metadataOf(entry: TarEntry): Metadata {
  const base = { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtime: entry.mtime }
  const xattrs = new Map<ByteString, Uint8Array>()
  for (const [key, value] of entry.xattrs) if (!isHostOnly(key)) xattrs.set(key, value)
  return xattrs.size === 0 ? base : { ...base, xattrs }
}

/** Attributes that steer overlayfs or belong to the machine the layer was made on. */
function isHostOnly(key: ByteString): boolean {
  return key.startsWith('trusted.overlay.') || key.startsWith('user.overlay.') || key === 'security.selinux'
}
