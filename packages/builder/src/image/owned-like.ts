import { type ByteString, type DirectoryNode, sortedNames, type TreeNode } from '@cooperage/store'

/**
 * A directory of this machine as the file system of an image: what the image has at the same path, and of the same
 * type, keeps its owner, extended attributes and, of links, its mode; what is new belongs to root. Devices, FIFOs
 * and the like, which `skipped` names and no walk brings along, stay as they are in the image.
 */
export function ownedLike(
  image: DirectoryNode,
  walked: DirectoryNode,
  skipped: ReadonlySet<ByteString>,
): DirectoryNode {
  const known = new Map<TreeNode, TreeNode>()
  return directory(image, walked, '')

  function directory(
    below: DirectoryNode | undefined,
    node: DirectoryNode,
    prefix: ByteString,
  ): DirectoryNode {
    const children = new Map<ByteString, TreeNode>()
    for (const name of sortedNames(node)) {
      const child = node.children.get(name)!
      const old = below?.children.get(name)
      if (child.type === 'directory') {
        const lower = old?.type === 'directory' ? old : undefined
        children.set(name, directory(lower, child, `${prefix}${name}/`))
      } else children.set(name, leaf(old, child))
    }
    for (const [name, old] of below?.children ?? []) {
      if (!children.has(name) && skipped.has(prefix + name) && isSpecial(old)) children.set(name, old)
    }
    return { type: 'directory', meta: metaLike(below, node), children }
  }

  /** Two names of one file stay one file. */
  function leaf(old: TreeNode | undefined, node: TreeNode): TreeNode {
    const same = known.get(node)
    if (same !== undefined) return same
    const made = { ...node, meta: metaLike(old?.type === node.type ? old : undefined, node) }
    known.set(node, made)
    return made
  }
}

function metaLike(old: TreeNode | undefined, node: TreeNode): TreeNode['meta'] {
  if (old === undefined) return node.meta
  const { uid, gid, xattrs, mode } = old.meta
  const isLink = node.type === 'symlink'
  return { ...node.meta, uid, gid, ...(isLink && { mode }), ...(xattrs !== undefined && { xattrs }) }
}

function isSpecial({ type }: TreeNode): boolean {
  return type === 'char' || type === 'block' || type === 'fifo'
}
