import { type DirectoryNode, fromUtf8, joinNames, splitPath } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import { findSource, type SelectedSource } from './find-source.js'
import { hasWildcard } from './has-wildcard.js'
import type { IgnoreMatcher, IgnoreState } from './ignore/create-ignore-matcher.js'
import { compileIgnorePattern } from './ignore/ignore-pattern.js'

const PIVOT = '/./'

/**
 * One source of `COPY --parents`: what matches below the pivot, with the directories that lead there. `**` matches at
 * any depth. Empty when a wildcard matches nothing. @throws E_COPY_NOT_FOUND, E_IGNORE_PATTERN
 */
export function selectWithParents(
  tree: DirectoryNode,
  source: string,
  excludes: IgnoreMatcher | undefined,
): SelectedSource[] {
  const pivot = source.indexOf(PIVOT)
  const baseNames = splitPath(fromUtf8(pivot < 0 ? '' : source.slice(0, pivot)))
  const names = splitPath(fromUtf8(pivot < 0 ? source : source.slice(pivot + PIVOT.length)))
  const base = findSource(tree, baseNames)
  if (!names.some(hasWildcard)) findSource(tree, [...baseNames, ...names])
  if (base.type !== 'directory') return [{ path: joinNames(baseNames), node: base }]
  const wanted = compileIgnorePattern({ pattern: names.join('/'), line: 1 }, '--parents')
  const node = filterTree<{ readonly inside: boolean; readonly excludes: IgnoreState }>(base, {
    root: { inside: names.length === 0, excludes: excludes?.root ?? [] },
    visit(path, child, parent) {
      const inside = parent.inside || wanted?.matches(path) === true
      const verdict = excludes?.visit(path, child.type === 'directory', parent.excludes)
      const state = { inside, excludes: verdict?.state ?? [] }
      return { keep: inside && !verdict?.excluded, prune: verdict?.prune === true, state }
    },
  })
  return node.children.size === 0 ? [] : [{ path: joinNames(baseNames), node }]
}
