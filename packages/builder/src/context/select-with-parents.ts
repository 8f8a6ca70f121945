import { type ByteString, type DirectoryNode, fromUtf8, splitPath } from '@cooperage/store'
import { filterTree } from './filter-tree.js'
import { findSource, type SelectedSource } from './find-source.js'
import { hasWildcard } from './has-wildcard.js'
import type { IgnoreMatcher, IgnoreState } from './ignore/create-ignore-matcher.js'
import { compileIgnorePattern } from './ignore/ignore-pattern.js'

const PIVOT = '/./'

interface ParentsOptions {
  readonly excludes: IgnoreMatcher | undefined
  /** What a path with wildcards finds. */
  readonly select: (tree: DirectoryNode, names: readonly ByteString[]) => SelectedSource[]
}

/**
 * One source of `COPY --parents`: what matches below the pivot, with the directories that lead there. `**` matches at
 * any depth. A directory without entries when a wildcard matches nothing below the pivot, or when nothing is written
 * there, as in `COPY --parents . /x/`: in BuildKit no path matches an empty pattern.
 * @throws E_COPY_NOT_FOUND, E_IGNORE_PATTERN
 */
export function selectWithParents(
  tree: DirectoryNode,
  source: string,
  options: ParentsOptions,
): SelectedSource[] {
  const pivot = source.indexOf(PIVOT)
  const baseNames = splitPath(fromUtf8(pivot < 0 ? '' : source.slice(0, pivot)))
  const names = splitPath(fromUtf8(pivot < 0 ? source : source.slice(pivot + PIVOT.length)))
  if (![...baseNames, ...names].some(hasWildcard)) findSource(tree, [...baseNames, ...names])
  return options.select(tree, baseNames).map((base) => withParents(base, names, options.excludes))
}

function withParents(
  source: SelectedSource,
  names: readonly ByteString[],
  excludes: IgnoreMatcher | undefined,
): SelectedSource {
  const { node: base } = source
  if (base.type !== 'directory') return source
  const passages = new Set<DirectoryNode>()
  const wanted = compileIgnorePattern({ pattern: names.join('/'), line: 1 }, '--parents')
  const node = filterTree<{ readonly inside: boolean; readonly excludes: IgnoreState }>(base, {
    root: { inside: false, excludes: excludes?.root ?? [] },
    visit(path, child, parent) {
      const inside = parent.inside || wanted?.matches(path) === true
      const verdict = excludes?.visit(path, child.type === 'directory', parent.excludes)
      const state = { inside, excludes: verdict?.state ?? [] }
      return { keep: inside && !verdict?.excluded, prune: verdict?.prune === true, state }
    },
    onPassage: (passage) => passages.add(passage),
  })
  return { ...source, node, passages }
}
