import { LIMITS } from './limits.js'

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const NEWLINE = 0x0a

export interface DecodedLines {
  /** Each with its line end, as written; the last may have none. The byte order mark of the file is gone. */
  readonly lines: readonly string[]
  /** The line (from 1) that is longer than allowed; nothing from it on is in `lines`. */
  readonly tooLong?: number
}

/** Cuts a file into lines. Bytes that are not UTF-8 become U+FFFD, one for each byte as in Go. */
export function decodeLines(bytes: Uint8Array): DecodedLines {
  const lines: string[] = []
  let start = hasByteOrderMark(bytes) ? 3 : 0
  // The limit counts the mark, because BuildKit's reader cuts lines before it drops it.
  let limitStart = 0
  while (limitStart < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, limitStart)
    const contentEnd = newline < 0 ? bytes.length : newline
    if (contentEnd - limitStart > LIMITS.lineBytes) return { lines, tooLong: lines.length + 1 }
    const end = newline < 0 ? bytes.length : newline + 1
    lines.push(decodeText(bytes.subarray(start, end)))
    start = end
    limitStart = end
  }
  return { lines }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** UTF-8 to text as Go does it: every byte that belongs to no valid sequence becomes one U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return decodeLossy(bytes)
  }
}

function decodeLossy(bytes: Uint8Array): string {
  let result = ''
  for (let at = 0; at < bytes.length; ) {
    const width = sequenceWidth(bytes, at)
    result += width === 0 ? '\ufffd' : STRICT.decode(bytes.subarray(at, at + width))
    at += Math.max(1, width)
  }
  return result
}

/** Width of the valid UTF-8 sequence at `at`, 0 when there is none (RFC 3629, table 3-7 of Unicode). */
function sequenceWidth(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const width = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4) return 0
  const second = bytes[at + 1] ?? 0
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let offset = 2; offset < width; offset++) {
    if (((bytes[at + offset] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return width
}
