import { CooperageError } from '@cooperage/store'

/** A pattern of `${x#p}` and `${x/p/r}`: characters, `?` for any one, `*` for any number; neither takes a line end. */
export type ShellPattern = readonly (string | typeof ONE | typeof MANY)[]

const ONE: unique symbol = Symbol('any one character')
const MANY: unique symbol = Symbol('any number of characters')

/** Thrown for an escape that patterns do not have; the caller knows the variable. */
export class ShellPatternError extends Error {}

/** @throws ShellPatternError */
export function readShellPattern(text: readonly string[]): ShellPattern {
  const pattern: (string | typeof ONE | typeof MANY)[] = []
  // The lexer below BuildKit's drops a byte order mark at the start of what it reads.
  for (let at = text[0] === '\ufeff' ? 1 : 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '*') pattern.push(MANY)
    else if (character === '?') pattern.push(ONE)
    else if (character !== '\\') pattern.push(character)
    else {
      const escaped = text[at + 1]
      // The escape before these two belongs to the substitution around the pattern.
      if (escaped === '}' || escaped === '/') continue
      if (escaped !== '*' && escaped !== '?' && escaped !== '\\') {
        throw new ShellPatternError(`invalid escape '\\${escaped ?? '\ufffd'}'`)
      }
      pattern.push(escaped)
      at++
    }
  }
  return pattern
}

/** The same pattern for text read backwards. */
export function reversePattern(text: readonly string[]): string[] {
  const reversed: string[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && at + 1 < text.length) reversed.unshift('\\', text[++at]!)
    else reversed.unshift(text[at]!)
  }
  return reversed
}

const MAX_WORK = 1 << 26

/**
 * Where a pattern matches in one value. Time and space are the product of both lengths, however the stars stand.
 * @throws E_LIMIT when that product is above 64 Mi
 */
export class ShellPatternMatcher {
  readonly #pattern: ShellPattern
  readonly #value: readonly string[]
  /** One byte for each position in the value and each element of the pattern: can the rest still match here? */
  readonly #viable: Uint8Array

  constructor(pattern: ShellPattern, value: readonly string[]) {
    const width = pattern.length + 1
    const size = width * (value.length + 1)
    if (size > MAX_WORK) {
      throw new CooperageError('E_LIMIT', 'a pattern and the value it is applied to are too long', {
        data: { limit: MAX_WORK, found: size },
      })
    }
    this.#pattern = pattern
    this.#value = value
    this.#viable = new Uint8Array(size)
    for (let at = value.length; at >= 0; at--) {
      this.#viable[at * width + pattern.length] = 1
      for (let element = pattern.length - 1; element >= 0; element--) {
        const stay = pattern[element] === MANY && this.#viable[at * width + element + 1] === 1
        const step = at < value.length && this.#takes(element, at)
        const next = (at + 1) * width + (pattern[element] === MANY ? element : element + 1)
        if (stay || (step && this.#viable[next] === 1)) this.#viable[at * width + element] = 1
      }
    }
  }

  #takes(element: number, at: number): boolean {
    const wanted = this.#pattern[element]
    return typeof wanted === 'string' ? wanted === this.#value[at] : this.#value[at] !== '\n'
  }

  /** The first position from `from` on where the pattern matches, or -1. */
  start(from: number): number {
    const width = this.#pattern.length + 1
    for (let at = from; at <= this.#value.length; at++) if (this.#viable[at * width] === 1) return at
    return -1
  }

  /** The end of the longest or shortest match that starts at `start`, or -1. */
  end(start: number, longest: boolean): number {
    const width = this.#pattern.length + 1
    let found = -1
    let states = new Set<number>([0])
    for (let at = start; states.size > 0; at++) {
      const next = new Set<number>()
      // A set visits what is added while it is read, so a star's own exit is seen at the same position.
      for (const element of states) {
        if (this.#viable[at * width + element] !== 1) continue
        if (element === this.#pattern.length) {
          found = at
          if (!longest) return found
          continue
        }
        const many = this.#pattern[element] === MANY
        if (many) states.add(element + 1)
        if (at < this.#value.length && this.#takes(element, at)) next.add(many ? element : element + 1)
      }
      states = next
    }
    return found
  }
}
