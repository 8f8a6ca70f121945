// Named sets of Go's regular expressions (RE2 syntax), as pairs of first and last code point.

const text = (ranges: string): number[] => [...ranges].map((character) => character.codePointAt(0)!)

const DIGIT = text('09')
const WORD = text('09AZaz__')
const PERL_SPACE = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]

/** `\d`, `\s`, `\w`; the capital letter is the complement. */
export const PERL_CLASSES: ReadonlyMap<string, readonly number[]> = new Map([
  ['d', DIGIT],
  ['s', PERL_SPACE],
  ['w', WORD],
])

/** `[[:alpha:]]` and its kin. */
export const POSIX_CLASSES: ReadonlyMap<string, readonly number[]> = new Map([
  ['alnum', text('09AZaz')],
  ['alpha', text('AZaz')],
  ['ascii', [0, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', DIGIT],
  ['graph', [0x21, 0x7e]],
  ['lower', text('az')],
  ['print', [0x20, 0x7e]],
  ['punct', text('!/:@[`{~')],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', text('AZ')],
  ['word', WORD],
  ['xdigit', text('09AFaf')],
])

/** `\pL`: one letter only, since braces never arrive here unescaped. */
export const CATEGORIES = 'CLMNPSZ'

const LAST_RUNE = 0x10ffff

/** All code points outside of the ranges. */
export function complement(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = []
  for (let index = 0; index < ranges.length; index += 2) pairs.push([ranges[index]!, ranges[index + 1]!])
  pairs.sort((a, b) => a[0] - b[0])
  const result: number[] = []
  let next = 0
  for (const [low, high] of pairs) {
    if (low > next) result.push(next, low - 1)
    next = Math.max(next, high + 1)
  }
  if (next <= LAST_RUNE) result.push(next, LAST_RUNE)
  return result
}

const categories = new Map<string, readonly number[]>()

/** The ranges of a general category, found by asking the engine about every code point, once. */
export function categoryRanges(letter: string): readonly number[] {
  const known = categories.get(letter)
  if (known) return known
  const member = new RegExp(`^\\p{${letter}}$`, 'u')
  const ranges: number[] = []
  for (let rune = 0, open = false; rune <= LAST_RUNE + 1; rune++) {
    const inside = rune <= LAST_RUNE && member.test(String.fromCodePoint(rune))
    if (inside !== open) ranges.push(inside ? rune : rune - 1)
    open = inside
  }
  categories.set(letter, ranges)
  return ranges
}
