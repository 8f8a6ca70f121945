import { type ByteString, fromUtf8 } from '@cooperage/store'
import { compileGlob, type GlobChunk, type GlobItem } from './glob/compile-glob.js'
import { decodeRune } from './glob/decode-rune.js'

/**
 * Go's `filepath.Match` on Linux: `*` and `?` stop at `/`, `[a-z]` and `[^a]` are sets, `\` escapes; the whole name
 * must match. Both arguments are text; for names that are bytes use `matchGlobBytes`.
 * @throws E_GLOB for a malformed pattern, when the match gets as far as the fault.
 */
export function matchGlob(pattern: string, name: string): boolean {
  return matchGlobBytes(fromUtf8(pattern), fromUtf8(name))
}

/** As `matchGlob`, for names held as bytes. `?` takes a whole UTF-8 character, or one byte that is none. */
export function matchGlobBytes(pattern: ByteString, name: ByteString): boolean {
  return matchCompiledGlob(compileGlob(pattern), name)
}

/** Matches a pattern compiled once against many names. Time is at most the product of both lengths. */
export function matchCompiledGlob(chunks: readonly GlobChunk[], name: ByteString): boolean {
  let at = 0
  for (let index = 0; index < chunks.length; index++) {
    const { star, items, bad } = chunks[index]!
    if (bad) throw bad
    const last = index === chunks.length - 1
    if (star && items.length === 0) return name.indexOf('/', at) < 0
    let end = matchChunk(items, name, at)
    // Taking the first place that fits is enough: a later star can make up for any distance within a component.
    while (end < 0 || (last && end < name.length)) {
      if (!star || at >= name.length || name.charCodeAt(at) === 0x2f) return false
      at++
      end = matchChunk(items, name, at)
    }
    at = end
  }
  return at === name.length
}

/** The position after the chunk, or -1. */
function matchChunk(items: readonly GlobItem[], name: ByteString, start: number): number {
  let at = start
  for (const item of items) {
    if (at >= name.length) return -1
    if (typeof item === 'number') {
      if (name.charCodeAt(at) !== item) return -1
      at++
      continue
    }
    const packed = decodeRune(name, at)
    const rune = packed >> 3
    if (item === 'any') {
      if (rune === 0x2f) return -1
    } else {
      let inside = false
      for (let index = 0; index < item.ranges.length && !inside; index += 2) {
        inside = item.ranges[index]! <= rune && rune <= item.ranges[index + 1]!
      }
      if (inside === item.negated) return -1
    }
    at += packed & 7
  }
  return at
}
