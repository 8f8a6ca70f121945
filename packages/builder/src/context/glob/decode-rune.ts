import type { ByteString } from '@cooperage/store'

/** What stands for a byte that is not UTF-8, as in Go's `unicode/utf8`. */
export const RUNE_ERROR = 0xfffd

/**
 * The code point at `at` and its width in bytes, packed as `codePoint * 8 + width`: one number, no allocation in the
 * inner loop of a match. Anything that is not well-formed UTF-8 is U+FFFD of width 1; past the end, width 0.
 */
export function decodeRune(bytes: ByteString, at: number): number {
  const first = bytes.charCodeAt(at)
  if (first < 0x80) return first * 8 + 1
  if (!(first >= 0xc2 && first <= 0xf4)) return RUNE_ERROR * 8 + (at < bytes.length ? 1 : 0)
  const second = bytes.charCodeAt(at + 1)
  // Bounds of the second byte exclude overlong forms, surrogates and what lies past U+10FFFF (RFC 3629).
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (!(second >= low && second <= high)) return RUNE_ERROR * 8 + 1
  if (first < 0xe0) return (((first & 0x1f) << 6) | (second & 0x3f)) * 8 + 2
  const third = bytes.charCodeAt(at + 2)
  if (!isContinuation(third)) return RUNE_ERROR * 8 + 1
  if (first < 0xf0) return (((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)) * 8 + 3
  const fourth = bytes.charCodeAt(at + 3)
  if (!isContinuation(fourth)) return RUNE_ERROR * 8 + 1
  return (((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f)) * 8 + 4
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf
}

/** All code points, with U+FFFD for each byte that is not UTF-8. */
export function decodeRunes(bytes: ByteString): number[] {
  const runes: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const packed = decodeRune(bytes, at)
    runes.push(packed >> 3)
    at += packed & 7
  }
  return runes
}
