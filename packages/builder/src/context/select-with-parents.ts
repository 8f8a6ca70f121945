import { type ByteString, type DirectoryNode, fromUtf8, splitPath } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import { findSource, type SelectedSource } from './find-source.js'
import { hasWildcard } from './has-wildcard.js'
import type { IgnoreMatcher, IgnoreState } from './ignore/create-ignore-matcher.js'
import { compileIgnorePattern } from './ignore/ignore-pattern.js'

const PIVOT = '/./'

interface ParentsOptions {
  readonly excludes: IgnoreMatcher | undefined
  /** What a path of the tree names, wildcards resolved. */
  readonly select: (names: readonly ByteString[]) => readonly SelectedSource[]
}

/**
 * One source of `COPY --parents`: what matches below the pivot, with the directories that lead there. `**` matches at
 * any depth. Before the pivot a path may have wildcards too, and name several directories; each gives what matches in
 * it, even if that is nothing. @throws E_COPY_NOT_FOUND, E_IGNORE_PATTERN
 */
export function selectWithParents(
  tree: DirectoryNode,
  source: string,
  { excludes, select }: ParentsOptions,
): SelectedSource[] {
  const pivot = source.indexOf(PIVOT)
  const baseNames = splitPath(fromUtf8(pivot < 0 ? '' : source.slice(0, pivot)))
  const names = splitPath(fromUtf8(pivot < 0 ? source : source.slice(pivot + PIVOT.length)))
  const bases = select(baseNames)
  if (![...baseNames, ...names].some(hasWildcard)) findSource(tree, [...baseNames, ...names])
  const wanted = compileIgnorePattern({ pattern: names.join('/'), line: 1 }, '--parents')
  return bases.map(({ path, node }) => {
    if (node.type !== 'directory') return { path, node }
    const kept = filterTree<{ readonly inside: boolean; readonly excludes: IgnoreState }>(node, {
      root: { inside: names.length === 0, excludes: excludes?.root ?? [] },
      visit(below, child, parent) {
        const inside = parent.inside || wanted?.matches(below) === true
        const verdict = excludes?.visit(below, child.type === 'directory', parent.excludes)
        const state = { inside, excludes: verdict?.state ?? [] }
        return { keep: inside && !verdict?.excluded, prune: verdict?.prune === true, state }
      },
    })
    return { path, node: kept }
  })
}
