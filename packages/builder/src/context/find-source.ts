import {
  type ByteString,
  CooperageError,
  type DirectoryNode,
  joinNames,
  resolveInTree,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'

export interface SelectedSource {
  /** Absolute and clean, as written or matched: a link on the way is not replaced by what it leads to. */
  readonly path: ByteString
  /** What is there, links followed. A directory stands for its contents. */
  readonly node: TreeNode
  /** The root of the tree, also when a link led there. */
  readonly isRoot?: boolean
  /** Directories of `node` that were not asked for and only lead to something that was. */
  readonly passages?: ReadonlySet<DirectoryNode>
}

/** What is at a path that must exist, links followed. @throws E_COPY_NOT_FOUND, E_LOOP */
export function findSource(tree: DirectoryNode, names: readonly ByteString[]): TreeNode {
  const path = joinNames(names)
  const { node, notDirectory } = resolveInTree(tree, path)
  if (node && !notDirectory) return node
  throw new CooperageError('E_COPY_NOT_FOUND', `${JSON.stringify(toUtf8(path))}: not found`, {
    hint: 'paths are relative to the root of the source, and what an ignore file names is not there',
    data: { path: toUtf8(path.slice(1)) },
  })
}
