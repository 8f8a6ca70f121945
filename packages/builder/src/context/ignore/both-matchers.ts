import type { ByteString } from '@cooperage/store'
import type { IgnoreExplanation, IgnoreMatcher, IgnoreState, IgnoreVerdict } from './create-ignore-matcher.js'
import type { IgnorePattern } from './ignore-pattern.js'

/**
 * Leaves out what either of two ignore files leaves out. The second must be one whose walk needs no state (one with
 * the rules of git). Messages name the file that decided.
 */
export function bothMatchers(first: IgnoreMatcher, second: IgnoreMatcher): IgnoreMatcher {
  return new BothMatchers(first, second)
}

class BothMatchers implements IgnoreMatcher {
  readonly file: string
  readonly patterns: readonly IgnorePattern[]
  readonly root: IgnoreState
  readonly #first: IgnoreMatcher
  readonly #second: IgnoreMatcher

  constructor(first: IgnoreMatcher, second: IgnoreMatcher) {
    this.file = first.file
    this.patterns = first.patterns
    this.root = first.root
    this.#first = first
    this.#second = second
  }

  excludes(path: ByteString): boolean {
    return this.#first.excludes(path) || this.#second.excludes(path)
  }

  visit(path: ByteString, isDirectory: boolean, parent: IgnoreState): IgnoreVerdict {
    const first = this.#first.visit(path, isDirectory, parent)
    if (first.prune) return first
    const second = this.#second.visit(path, isDirectory, this.#second.root)
    return { ...first, excluded: first.excluded || second.excluded, prune: second.prune }
  }

  explain(path: ByteString, isDirectory = false): IgnoreExplanation {
    const first = this.#first.explain(path, isDirectory)
    return first.excluded ? first : this.#second.explain(path, isDirectory)
  }
}
