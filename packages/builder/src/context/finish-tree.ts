import type { DirectoryNode, FileNode, TreeNode } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'

export interface FinishedTree {
  readonly tree: DirectoryNode
  readonly files: number
  readonly bytes: number
}

/**
 * What COPY sees of a tree that did not come from a walk: ignored entries left out, everything owned by root, as the
 * documentation promises for all contexts. Names of one file stay names of one file.
 */
export function finishTree(tree: DirectoryNode, ignore: IgnoreMatcher | undefined): FinishedTree {
  const owned = new Map<TreeNode, FileNode>()
  let files = 0
  let bytes = 0
  const finished = filterTree(tree, {
    root: ignore?.root ?? [],
    visit(path, node, parent) {
      const verdict = ignore?.visit(path, node.type === 'directory', parent)
      return { keep: !verdict?.excluded, prune: verdict?.prune === true, state: verdict?.state ?? [] }
    },
    replace(_path, node) {
      if (node.type !== 'file') return { ...node, meta: ownedByRoot(node.meta) }
      files++
      bytes += node.size
      const known = owned.get(node)
      if (known) return known
      const copy = { ...node, meta: ownedByRoot(node.meta) }
      owned.set(node, copy)
      return copy
    },
    metadata: ({ meta }) => ownedByRoot(meta),
  })
  return { tree: finished, files, bytes }
}

function ownedByRoot<Meta extends { readonly uid: number; readonly gid: number }>(meta: Meta): Meta {
  return meta.uid === 0 && meta.gid === 0 ? meta : { ...meta, uid: 0, gid: 0 }
}
