import { type ByteString, CooperageError, toUtf8 } from '@cooperage/store'
import { decodeRune, RUNE_ERROR } from './decode-rune.js'

/** One element of a pattern: a byte, any one character but `/`, or a set of code points. */
export type GlobItem = number | 'any' | GlobClass

export interface GlobClass {
  readonly negated: boolean
  /** Pairs of first and last code point. A range written backwards holds nothing. */
  readonly ranges: readonly number[]
}

/** A run of items without a star; `star` says whether any characters but `/` may come before it. */
export interface GlobChunk {
  readonly star: boolean
  readonly items: readonly GlobItem[]
  /** Malformed: an error, but only for a name whose match gets as far as this chunk. */
  readonly bad: CooperageError | undefined
}

const STAR = 0x2a
const QUESTION = 0x3f
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d
const CARET = 0x5e
const DASH = 0x2d

/**
 * Reads a pattern of Go's `filepath.Match`. Never throws: Go reports a malformed chunk only when all chunks before it
 * have matched, so `a*[` is an error for `ab` and a plain mismatch for `b`.
 */
export function compileGlob(pattern: ByteString): readonly GlobChunk[] {
  const chunks: GlobChunk[] = []
  let at = 0
  while (at < pattern.length) {
    const star = pattern.charCodeAt(at) === STAR
    while (pattern.charCodeAt(at) === STAR) at++
    const end = endOfChunk(pattern, at)
    const items = compileChunk(pattern.slice(at, end))
    chunks.push(items ? { star, items, bad: undefined } : { star, items: [], bad: badPattern(pattern) })
    at = end
  }
  return chunks
}

/** A star ends a chunk unless it is escaped or stands between brackets. */
function endOfChunk(pattern: ByteString, start: number): number {
  let inRange = false
  for (let at = start; at < pattern.length; at++) {
    const byte = pattern.charCodeAt(at)
    if (byte === BACKSLASH) at++
    else if (byte === OPEN) inRange = true
    else if (byte === CLOSE) inRange = false
    else if (byte === STAR && !inRange) return at
  }
  return pattern.length
}

/** Undefined when the chunk is malformed. */
function compileChunk(chunk: ByteString): GlobItem[] | undefined {
  const items: GlobItem[] = []
  let at = 0
  while (at < chunk.length) {
    const byte = chunk.charCodeAt(at)
    if (byte === OPEN) {
      const read = readClass(chunk, at + 1)
      if (!read) return undefined
      items.push(read.value)
      at = read.next
      continue
    }
    if (byte === BACKSLASH && ++at === chunk.length) return undefined
    items.push(byte === QUESTION ? 'any' : chunk.charCodeAt(at))
    at++
  }
  return items
}

function readClass(chunk: ByteString, start: number): { value: GlobClass; next: number } | undefined {
  const negated = chunk.charCodeAt(start) === CARET
  let at = negated ? start + 1 : start
  const ranges: number[] = []
  while (ranges.length === 0 || chunk.charCodeAt(at) !== CLOSE) {
    const low = readMember(chunk, at)
    const high = low && chunk.charCodeAt(low.next) === DASH ? readMember(chunk, low.next + 1) : low
    if (!low || !high) return undefined
    ranges.push(low.value, high.value)
    at = high.next
  }
  return { value: { negated, ranges }, next: at + 1 }
}

function readMember(chunk: ByteString, start: number): { value: number; next: number } | undefined {
  const byte = chunk.charCodeAt(start)
  if (start >= chunk.length || byte === DASH || byte === CLOSE) return undefined
  const at = byte === BACKSLASH ? start + 1 : start
  const packed = decodeRune(chunk, at)
  const width = packed & 7
  if (width === 0 || (width === 1 && packed >> 3 === RUNE_ERROR)) return undefined
  // A class must still be closed after its member.
  return at + width < chunk.length ? { value: packed >> 3, next: at + width } : undefined
}

function badPattern(pattern: ByteString): CooperageError {
  return new CooperageError('E_GLOB', `syntax error in pattern: ${JSON.stringify(toUtf8(pattern))}`, {
    hint: 'brackets must be closed and not empty, and a backslash needs a character after it',
    data: { pattern: toUtf8(pattern) },
  })
}
