import type { ByteString } from '@cooperage/store'
import { decodeRunes } from '../glob/decode-rune.js'

/** How a pattern is matched: the three cheap ways, or a regular expression in Go's syntax. */
export type PatternForm =
  | { readonly kind: 'exact' }
  /** `x**`: everything that starts with `prefix`. */
  | { readonly kind: 'prefix'; readonly prefix: ByteString }
  /** `**x`: everything that ends with `suffix`; when that starts with `/`, also the name alone. */
  | { readonly kind: 'suffix'; readonly suffix: ByteString }
  | { readonly kind: 'expression'; readonly source: readonly number[] }

const BOM = 0xfeff
const BACKSLASH = 0x5c
const SPECIAL = new Set([...'.+(){}$'].map((character) => character.codePointAt(0)!))
const runes = (text: string): number[] => [...text].map((character) => character.codePointAt(0)!)
const ANYTHING = runes('.*')
const ANY_DIRECTORIES = runes('(.*/)?')
const ANY_NAME = runes('[^/]*')
const ANY_CHARACTER = runes('[^/]')

/**
 * What Docker makes of a pattern. `[`, `]`, `^`, `|` and whatever follows a backslash reach the regular expression
 * unchanged, so `\d` is a digit and a star between brackets closes the set.
 */
export function patternToExpression(pattern: ByteString): PatternForm {
  const input = decodeRunes(pattern)
  const source: number[] = [0x5e]
  let kind: PatternForm['kind'] = 'exact'
  let at = input[0] === BOM ? 1 : 0
  const first = at
  while (at < input.length) {
    const start = at
    const rune = input[at++]!
    if (rune === 0x2a && input[at] === 0x2a) {
      at++
      if (input[at] === 0x2f) at++
      if (at < input.length) {
        source.push(...ANY_DIRECTORIES)
        kind = 'expression'
      } else if (kind === 'exact') kind = 'prefix'
      else {
        source.push(...ANYTHING)
        kind = 'expression'
      }
      if (start === first) kind = 'suffix'
    } else if (rune === 0x2a || rune === 0x3f) {
      source.push(...(rune === 0x2a ? ANY_NAME : ANY_CHARACTER))
      kind = 'expression'
    } else if (SPECIAL.has(rune)) source.push(BACKSLASH, rune)
    else if (rune === BACKSLASH) {
      source.push(BACKSLASH)
      if (at < input.length) {
        source.push(input[at++]!)
        kind = 'expression'
      }
    } else {
      source.push(rune)
      if (rune === 0x5b || rune === 0x5d) kind = 'expression'
    }
  }
  if (kind === 'prefix') return { kind, prefix: pattern.slice(0, -2) }
  if (kind === 'suffix') return { kind, suffix: pattern.slice(2) }
  if (kind === 'exact') return { kind }
  source.push(0x24)
  return { kind, source }
}
