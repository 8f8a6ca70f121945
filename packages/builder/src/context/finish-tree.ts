import type { DirectoryNode } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'
import type { IgnoredListener } from './ignored-listener.js'

export interface FinishedTree {
  readonly tree: DirectoryNode
  readonly files: number
  readonly bytes: number
}

/**
 * What COPY sees of a tree that did not come from a walk: ignored entries left out. Names of one file stay names of
 * one file.
 */
export function finishTree(
  tree: DirectoryNode,
  ignore: IgnoreMatcher | undefined,
  ignored?: IgnoredListener,
): FinishedTree {
  let files = 0
  let bytes = 0
  const finished = filterTree(tree, {
    root: ignore?.root ?? [],
    visit(path, node, parent) {
      const verdict = ignore?.visit(path, node.type === 'directory', parent)
      if (verdict === undefined) return { keep: true, prune: false, state: [] }
      const { excluded, prune, state } = verdict
      if (excluded && ignored) {
        const kind = node.type === 'directory' || node.type === 'file' ? node.type : 'other'
        ignored.onIgnored({ path, kind, size: node.type === 'file' ? node.size : 0, isPruned: prune })
      }
      return { keep: !excluded, prune: prune && ignored?.entersDirectories !== true, state }
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
