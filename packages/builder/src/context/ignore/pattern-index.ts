import type { ByteString } from '@cooperage/store'
import type { IgnorePattern } from './ignore-pattern.js'

/** Below this many patterns it is quickest to try them all. */
const FEW = 16
/** Longest end of a path that is looked up. */
const END = 8

/** A property that a path must have, as text; the first character says which. */
type Key = string

/**
 * Finds the patterns worth trying for a path. Each pattern is filed under the rarest of the properties that its paths
 * share, so that a file of 100,000 lines costs a few look-ups a path.
 */
export class PatternIndex {
  readonly #always: readonly number[]
  readonly #filed = new Map<Key, number[]>()
  readonly #endLengths: readonly number[]

  constructor(patterns: readonly IgnorePattern[]) {
    const isSmall = patterns.length <= FEW
    const keys = patterns.map((pattern) => (isSmall ? [] : keysOf(pattern)))
    const counts = new Map<Key, number>()
    for (const key of keys.flat()) counts.set(key, (counts.get(key) ?? 0) + 1)
    const always: number[] = []
    const endLengths = new Set<number>()
    for (const [number, candidates] of keys.entries()) {
      const [first, ...others] = candidates
      if (first === undefined) {
        always.push(number)
        continue
      }
      const rarest = others.reduce((best, key) => (counts.get(key)! < counts.get(best)! ? key : best), first)
      if (rarest.startsWith('$')) endLengths.add(rarest.length - 1)
      const list = this.#filed.get(rarest)
      if (list) list.push(number)
      else this.#filed.set(rarest, [number])
    }
    this.#always = always
    this.#endLengths = [...endLengths]
  }

  /** Numbers of patterns that may match the path, ascending, each once. */
  candidates(path: ByteString): readonly number[] {
    if (this.#filed.size === 0) return this.#always
    let found = mergeAscending(this.#always, this.#filed.get(`=${path}`))
    for (const component of path.split('/')) found = mergeAscending(found, this.#filed.get(`/${component}`))
    for (const length of this.#endLengths) {
      found = mergeAscending(found, this.#filed.get(`$${path.slice(-length)}`))
    }
    return found
  }
}

function keysOf({ text, isExact, shape }: IgnorePattern): Key[] {
  if (isExact) return [`=${text}`]
  const keys = shape.components.map((component) => `/${component}`)
  if (shape.suffix !== '') keys.push(`$${shape.suffix.slice(-END)}`)
  return keys
}

/** Two ascending lists as one, without doubles. Either list may be returned itself. */
export function mergeAscending(a: readonly number[], b: readonly number[] | undefined): readonly number[] {
  if (b === undefined || b.length === 0) return a
  if (a.length === 0) return b
  const merged: number[] = []
  let left = 0
  let right = 0
  while (left < a.length || right < b.length) {
    const next = Math.min(a[left] ?? Number.POSITIVE_INFINITY, b[right] ?? Number.POSITIVE_INFINITY)
    if (a[left] === next) left++
    if (b[right] === next) right++
    merged.push(next)
  }
  return merged
}
