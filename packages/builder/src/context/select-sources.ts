import {
  type ByteString,
  type DirectoryNode,
  fromUtf8,
  joinNames,
  resolveInTree,
  splitPath,
} from '@cooperage/store'
import { compileExcludes } from './compile-excludes.js'
import { filterTree } from './filter-tree.js'
import { findSource, type SelectedSource } from './find-source.js'
import { compileGlob } from './glob/compile-glob.js'
import { hasWildcard } from './has-wildcard.js'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'
import { matchCompiledGlob } from './match-glob.js'
import { selectWithParents } from './select-with-parents.js'

export type { SelectedSource } from './find-source.js'

export interface SelectOptions {
  /** `--parents`: the directories above each match come along, from the pivot `/./` or the root on. */
  readonly parents?: boolean
  /** `--exclude`, as lines of a `.dockerignore`: of what is in a source that is a directory, relative to it. */
  readonly excludes?: readonly string[]
}

/**
 * Finds the sources of a COPY in a tree. Paths are cleaned against its root (`../x` is `x`); wildcards match as
 * `matchGlob` does, and one that matches nothing is no error. With `parents` each source becomes a tree of its own. A
 * file that is named or matched is taken whatever `excludes` says, as BuildKit takes it.
 * @throws E_COPY_NOT_FOUND (`data.path`: without the leading slash), E_GLOB, E_IGNORE_PATTERN, E_LOOP
 */
export function selectSources(
  tree: DirectoryNode,
  sources: readonly string[],
  options: SelectOptions = {},
): readonly SelectedSource[] {
  const excludes = compileExcludes(options.excludes ?? [])
  return sources.flatMap((source) => {
    if (options.parents) return selectWithParents(tree, source, { excludes, select })
    const found = select(tree, splitPath(fromUtf8(source)))
    return excludes ? withoutExcluded(found, excludes) : found
  })
}

function select(tree: DirectoryNode, names: readonly ByteString[]): SelectedSource[] {
  const first = names.findIndex(hasWildcard)
  if (first < 0) return [selected(tree, names)]
  const base = resolveInTree(tree, joinNames(names.slice(0, first)))
  const directory = findSource(tree, names.slice(0, first))
  if (directory.type !== 'directory') return []
  return matchBelow(directory, names.slice(first)).map((path) => {
    return selected(tree, [...base.names, ...path.split('/')])
  })
}

function selected(tree: DirectoryNode, names: readonly ByteString[]): SelectedSource {
  const node = findSource(tree, names)
  return { path: joinNames(names), node, ...(node === tree && { isRoot: true }) }
}

/** Paths that match, in the order of a walk; a directory that matches is taken whole. */
function matchBelow(base: DirectoryNode, pattern: readonly ByteString[]): ByteString[] {
  const glob = compileGlob(pattern.join('/'))
  // Only a negated set can match a slash, so without one no path of more components than the pattern has can match.
  const canCross = glob.some(({ items }) => items.some((item) => typeof item === 'object' && item.negated))
  const depth = canCross ? Number.POSITIVE_INFINITY : pattern.length
  const found: ByteString[] = []
  const walk = (directory: DirectoryNode, prefix: ByteString, level: number): void => {
    for (const name of [...directory.children.keys()].sort()) {
      const child = directory.children.get(name)!
      const path = prefix + name
      if (matchCompiledGlob(glob, path)) found.push(path)
      else if (child.type === 'directory' && level < depth) walk(child, `${path}/`, level + 1)
    }
  }
  walk(base, '', 1)
  return found
}

function withoutExcluded(found: readonly SelectedSource[], excludes: IgnoreMatcher): SelectedSource[] {
  return found.map((source): SelectedSource => {
    const { node } = source
    if (node.type !== 'directory') return source
    const passages = new Set<DirectoryNode>()
    const kept = filterTree(node, {
      root: excludes.root,
      visit(relative, child, parent) {
        const { excluded, prune, state } = excludes.visit(relative, child.type === 'directory', parent)
        return { keep: !excluded, prune, state }
      },
      onPassage: (passage) => passages.add(passage),
    })
    return { ...source, node: kept, passages }
  })
}
