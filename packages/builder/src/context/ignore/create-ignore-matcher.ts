import { type ByteString, fromBuffer, fromUtf8, toUtf8 } from '@cooperage/store'
import { compileIgnorePattern, type IgnorePattern } from './ignore-pattern.js'
import { mergeAscending, PatternIndex } from './pattern-index.js'
import { type IgnoreLine, readIgnoreLines } from './read-ignore-lines.js'

/** What a directory hands to its entries: the numbers of the patterns that matched it, ascending. */
export type IgnoreState = readonly number[]

export interface IgnoreVerdict {
  readonly excluded: boolean
  /** For the entries of this directory. */
  readonly state: IgnoreState
  /** The directory is excluded and no pattern can bring back anything below it. */
  readonly prune: boolean
  /** Number in `patterns` of the one that decided last, or -1. */
  readonly decidedBy: number
}

/** Which line decided about a path. */
export interface IgnoreExplanation {
  readonly excluded: boolean
  readonly file: string
  /** Absent when no line speaks of the path. */
  readonly line?: number
  /** As text, `!` included. */
  readonly pattern?: string
}

/** An ignore file, ready to be asked. Paths are bytes, relative to the root of the context, without slashes at the ends. */
export interface IgnoreMatcher {
  /** The name that messages use. */
  readonly file: string
  readonly patterns: readonly IgnorePattern[]
  /**
   * Whether the classic rule excludes this path, seen alone: the last line that matches it or one of its parents
   * decides. For what a build sends, `visit` is right; the two differ in rare cases. @throws E_IGNORE_PATTERN
   */
  excludes(path: ByteString): boolean
  /** The state for entries of the root. */
  readonly root: IgnoreState
  /** One step of a walk from the root. @throws E_IGNORE_PATTERN */
  visit(path: ByteString, isDirectory: boolean, parent: IgnoreState): IgnoreVerdict
  /**
   * Why a walk keeps or leaves out this path. Whether it is a directory matters to the rules of git alone; default no.
   * @throws E_IGNORE_PATTERN
   */
  explain(path: ByteString, isDirectory?: boolean): IgnoreExplanation
}

export interface IgnoreMatcherOptions {
  /** Default `.dockerignore`. */
  readonly file?: string
}

/**
 * Reads a `.dockerignore` as Docker does. Matching takes time linear in path and pattern.
 * @throws E_IGNORE_PATTERN with the line
 */
export function createIgnoreMatcher(
  text: string | Uint8Array,
  options: IgnoreMatcherOptions = {},
): IgnoreMatcher {
  const file = options.file ?? '.dockerignore'
  const bytes = typeof text === 'string' ? fromUtf8(text) : fromBuffer(text)
  return matcherOf(readIgnoreLines(bytes, file), file)
}

/** A matcher of patterns that stand in no file. @throws E_IGNORE_PATTERN */
export function matcherOf(lines: readonly IgnoreLine[], file: string): IgnoreMatcher {
  const patterns = lines
    .map((line) => compileIgnorePattern(line, file))
    .filter((pattern) => pattern !== undefined)
  return new Matcher(file, patterns)
}

const NOTHING: IgnoreVerdict = { excluded: false, state: [], prune: false, decidedBy: -1 }
const WILD = /[*[\]?^\\]/

class Matcher implements IgnoreMatcher {
  readonly file: string
  readonly patterns: readonly IgnorePattern[]
  readonly root: IgnoreState = []
  readonly #index: PatternIndex
  /** Paths that exceptions name, with a slash; undefined when one has a wildcard before its end. */
  readonly #exceptions: readonly ByteString[] | undefined

  constructor(file: string, patterns: readonly IgnorePattern[]) {
    this.file = file
    this.patterns = patterns
    this.#index = new PatternIndex(patterns)
    const kept = patterns.filter((pattern) => pattern.negated).map(({ text }) => withoutTrailingGlob(text))
    this.#exceptions = kept.some((text) => WILD.test(text)) ? undefined : kept.map((text) => `${text}/`)
  }

  excludes(path: ByteString): boolean {
    let candidates = this.#index.candidates(path)
    const parents: ByteString[] = []
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      parents.push(path.slice(0, slash))
      candidates = mergeAscending(candidates, this.#index.candidates(path.slice(0, slash)))
    }
    let excluded = false
    for (const number of candidates) {
      const pattern = this.patterns[number]!
      if (pattern.negated !== excluded) continue
      if (pattern.matches(path) || parents.some(pattern.matches)) excluded = !pattern.negated
    }
    return excluded
  }

  visit(path: ByteString, isDirectory: boolean, parent: IgnoreState): IgnoreVerdict {
    const candidates = this.#index.candidates(path)
    if (candidates.length === 0 && parent.length === 0) return NOTHING
    const state: number[] = []
    let excluded = false
    let decidedBy = -1
    let inherited = 0
    for (const number of mergeAscending(candidates, parent)) {
      const pattern = this.patterns[number]!
      while (parent[inherited]! < number) inherited++
      // What matched the parent matches here without being asked; other patterns are asked only if they would change
      // something, and those not asked do not count for the entries below. Docker's walk has this rule.
      if (parent[inherited] !== number && (pattern.negated !== excluded || !pattern.matches(path))) continue
      state.push(number)
      if (excluded === pattern.negated) decidedBy = number
      excluded = !pattern.negated
    }
    return { excluded, state, prune: excluded && isDirectory && this.#mayPrune(path), decidedBy }
  }

  #mayPrune(path: ByteString): boolean {
    const below = `${path}/`
    return this.#exceptions !== undefined && !this.#exceptions.some((kept) => kept.startsWith(below))
  }

  explain(path: ByteString): IgnoreExplanation {
    let verdict = NOTHING
    for (let end = path.indexOf('/'); !verdict.prune; end = path.indexOf('/', end + 1)) {
      verdict = this.visit(end < 0 ? path : path.slice(0, end), end >= 0, verdict.state)
      if (end < 0) break
    }
    const { excluded } = verdict
    const pattern = this.patterns[verdict.decidedBy]
    if (!pattern) return { excluded, file: this.file }
    const text = `${pattern.negated ? '!' : ''}${toUtf8(pattern.text)}`
    return { excluded, file: this.file, line: pattern.line, pattern: text }
  }
}

/** An exception `dir/*` or `dir/**` can only bring back what is below `dir`. */
function withoutTrailingGlob(pattern: ByteString): ByteString {
  const shorter = pattern.endsWith('/**') ? pattern.slice(0, -3) : pattern
  return shorter.endsWith('/*') ? shorter.slice(0, -2) : shorter
}
