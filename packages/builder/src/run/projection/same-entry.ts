import type { Metadata, TreeNode } from '@cooperage/store'

const CAPABILITY = 'security.capability'

/** Mode, owner and capabilities: the attributes that a layer keeps beside times. */
export function sameMetadata(a: Metadata, b: Metadata): boolean {
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false
  const [x, y] = [a.xattrs?.get(CAPABILITY), b.xattrs?.get(CAPABILITY)]
  if (x === undefined || y === undefined) return x === y
  return Buffer.compare(x, y) === 0
}

/**
 * Whether overlayfs may have copied the entry up without anybody having changed it. `content`: yes, if the bytes of the
 * two files are the same as well.
 */
export function sameEntry(below: TreeNode | undefined, node: TreeNode): 'same' | 'content' | 'different' {
  if (below === undefined || below.type !== node.type || !sameMetadata(below.meta, node.meta))
    return 'different'
  if (node.type === 'directory') return 'same'
  if (Math.floor(below.meta.mtime) !== Math.floor(node.meta.mtime)) return 'different'
  if (node.type === 'symlink') return node.target === (below as typeof node).target ? 'same' : 'different'
  if (node.type === 'char' || node.type === 'block') {
    const { major, minor } = below as typeof node
    return node.major === major && node.minor === minor ? 'same' : 'different'
  }
  if (node.type !== 'file') return 'same'
  if (node.size !== (below as typeof node).size) return 'different'
  return node.size === 0 ? 'same' : 'content'
}
