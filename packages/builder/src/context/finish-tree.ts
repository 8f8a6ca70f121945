import type { DirectoryNode } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'

export interface FinishedTree {
  readonly tree: DirectoryNode
  readonly files: number
  readonly bytes: number
}

/**
 * What COPY sees of a tree that did not come from a walk: ignored entries left out. Names of one file stay names of
 * one file.
 */
export function finishTree(tree: DirectoryNode, ignore: IgnoreMatcher | undefined): FinishedTree {
  let files = 0
  let bytes = 0
  const finished = filterTree(tree, {
    root: ignore?.root ?? [],
    visit(path, node, parent) {
      const verdict = ignore?.visit(path, node.type === 'directory', parent)
      return { keep: !verdict?.excluded, prune: verdict?.prune === true, state: verdict?.state ?? [] }
    },
    replace(_path, node) {
      if (node.type !== 'file') return node
      files++
      bytes += node.size
      return node
    },
    metadata: ({ meta }) => meta,
  })
  return { tree: finished, files, bytes }
}
