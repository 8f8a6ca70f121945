import type { ByteString, DirectoryNode, TreeNode } from '@cooperage/store'

/** What a filter says of one entry. */
export interface FilterVerdict<State> {
  /** A directory that is not kept still comes along as the parent of something that is. */
  readonly keep: boolean
  /** Nothing below is kept either. */
  readonly prune: boolean
  /** For the entries of this directory. */
  readonly state: State
}

export interface TreeFilter<State> {
  /** For the entries of the root. */
  readonly root: State
  /** `path` is relative to the root of the tree. */
  visit(path: ByteString, node: TreeNode, parent: State): FilterVerdict<State>
  /** What stands in the new tree for a node that is no directory. Default: the node itself. Undefined leaves it out. */
  replace?(path: ByteString, node: Exclude<TreeNode, DirectoryNode>): TreeNode | undefined
  /** The attributes of a directory in the new tree. Default: its own. */
  metadata?(node: DirectoryNode): DirectoryNode['meta']
  /** Told of every directory of the new tree that is not kept and only leads to something that is. */
  onPassage?(node: DirectoryNode): void
}

/** The part of a tree that a filter keeps, walked in the order of names. The root always stays. */
export function filterTree<State>(tree: DirectoryNode, filter: TreeFilter<State>): DirectoryNode {
  return filterDirectory(filter, tree, { prefix: '', state: filter.root }).node
}

function filterDirectory<State>(
  filter: TreeFilter<State>,
  directory: DirectoryNode,
  at: { readonly prefix: ByteString; readonly state: State },
): { readonly node: DirectoryNode; readonly hasEntries: boolean } {
  const children = new Map<ByteString, TreeNode>()
  for (const name of [...directory.children.keys()].sort()) {
    const child = directory.children.get(name)!
    const path = at.prefix + name
    const { keep, prune, state } = filter.visit(path, child, at.state)
    if (child.type !== 'directory') {
      const node = keep ? (filter.replace ? filter.replace(path, child) : child) : undefined
      if (node) children.set(name, node)
      continue
    }
    if (prune && !keep) continue
    const below = filterDirectory(filter, child, { prefix: `${path}/`, state })
    if (!keep && !below.hasEntries) continue
    children.set(name, below.node)
    if (!keep) filter.onPassage?.(below.node)
  }
  const meta = filter.metadata ? filter.metadata(directory) : directory.meta
  return { node: { type: 'directory', meta, children }, hasEntries: children.size > 0 }
}
