import type { ByteString } from '../bytes.js'
import type { TarEntry } from '../tar/entry.js'
import type { LayerItem } from '../tree/diff.js'
import type { TreeNode } from '../tree/node.js'
import { whiteoutName } from '../tree/whiteout.js'

const NO_XATTRS: ReadonlyMap<ByteString, Uint8Array> = new Map()
const CAPABILITY = 'security.capability'

/**
 * The tar entry of a layer's item, as containerd's differ writes it: names without a leading slash, no names of
 * owners, whole seconds, and of the extended attributes only `security.capability`. Times after `mtimeLimit`
 * (seconds since 1970) become it.
 */
export function layerEntry(item: LayerItem, mtimeLimit: number = Number.POSITIVE_INFINITY): TarEntry {
  if (item.kind === 'whiteout') return whiteoutEntry(item.path)
  const { node, path } = item
  const isLink = item.kind === 'hardlink'
  const device = node.type === 'char' || node.type === 'block' ? node : undefined
  return {
    type: isLink ? 'hardlink' : node.type,
    name: node.type === 'directory' ? `${path}/` : path,
    linkname: isLink ? item.target : node.type === 'symlink' ? node.target : '',
    mode: node.meta.mode,
    uid: node.meta.uid,
    gid: node.meta.gid,
    mtime: Math.min(Math.floor(node.meta.mtime), mtimeLimit),
    size: contentSize(item),
    uname: '',
    gname: '',
    devmajor: device?.major ?? 0,
    devminor: device?.minor ?? 0,
    xattrs: keptXattrs(node),
  }
}

/** Bytes of content that follow the item's header. */
export function contentSize(item: LayerItem): number {
  return item.kind === 'node' && item.node.type === 'file' ? item.node.size : 0
}

function keptXattrs(node: TreeNode): ReadonlyMap<ByteString, Uint8Array> {
  const capability = node.meta.xattrs?.get(CAPABILITY)
  return capability === undefined ? NO_XATTRS : new Map([[CAPABILITY, capability]])
}

function whiteoutEntry(path: ByteString): TarEntry {
  const slash = path.lastIndexOf('/') + 1
  return {
    type: 'file',
    name: path.slice(0, slash) + whiteoutName(path.slice(slash)),
    linkname: '',
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: 0,
    uname: '',
    gname: '',
    devmajor: 0,
    devminor: 0,
    xattrs: NO_XATTRS,
  }
}
