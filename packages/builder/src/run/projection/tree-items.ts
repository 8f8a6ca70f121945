import {
  type ByteString,
  type DirectoryNode,
  type LayerItem,
  sortedNames,
  type TreeNode,
} from '@cooperage/store'

/** A whole tree as the items of a layer on top of nothing. The root itself is not among them. */
export function treeItems(root: DirectoryNode): LayerItem[] {
  const items: LayerItem[] = []
  const firstPaths = new Map<TreeNode, ByteString>()
  visit(root, '')
  return items

  function visit(directory: DirectoryNode, prefix: ByteString): void {
    for (const name of sortedNames(directory)) {
      const path = prefix + name
      const node = directory.children.get(name)!
      const target = firstPaths.get(node)
      if (target !== undefined) {
        items.push({ kind: 'hardlink', path, target, node })
        continue
      }
      items.push({ kind: 'node', path, node })
      if (node.type === 'directory') visit(node, `${path}/`)
      else firstPaths.set(node, path)
    }
  }
}
