import type { ByteString } from '@cooperage/store'
import type { IgnorePattern, PatternKey } from './ignore-pattern.js'

/** Finds the patterns worth trying for a path, so that a file of 100,000 literal lines costs three look-ups a path. */
export class PatternIndex {
  readonly #always: number[] = []
  readonly #keyed = {
    path: new Map<ByteString, number[]>(),
    basename: new Map<ByteString, number[]>(),
    firstSegment: new Map<ByteString, number[]>(),
  } satisfies Record<Exclude<PatternKey['kind'], 'none'>, Map<ByteString, number[]>>

  constructor(patterns: readonly IgnorePattern[]) {
    for (const [index, { key }] of patterns.entries()) {
      if (key.kind === 'none') {
        this.#always.push(index)
        continue
      }
      const list = this.#keyed[key.kind].get(key.value)
      if (list) list.push(index)
      else this.#keyed[key.kind].set(key.value, [index])
    }
  }

  /** Numbers of patterns that may match the path, ascending, each once. */
  candidates(path: ByteString): readonly number[] {
    const first = path.indexOf('/')
    const { path: paths, basename, firstSegment } = this.#keyed
    const exact = paths.get(path)
    const named = basename.size === 0 ? undefined : basename.get(path.slice(path.lastIndexOf('/') + 1))
    const below = first < 0 || firstSegment.size === 0 ? undefined : firstSegment.get(path.slice(0, first))
    return mergeAscending(mergeAscending(this.#always, exact), mergeAscending(named ?? [], below))
  }
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
