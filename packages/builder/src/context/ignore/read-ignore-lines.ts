import { type ByteString, CooperageError } from '@cooperage/store'
import { cleanPath } from './clean-path.js'
import { trimSpace } from './trim-space.js'

export interface IgnoreLine {
  /** Trimmed, cleaned, without a leading `/`; an exception keeps its `!`. */
  readonly pattern: ByteString
  /** Counted from 1. */
  readonly line: number
}

/** Docker reads ignore files through a buffer of this size; a longer line makes it refuse the file. */
const LONGEST_LINE = 65_535
const BOM = '\xef\xbb\xbf'

/**
 * The patterns of an ignore file as Docker reads it: `#` makes a comment only in the first column, blanks at both
 * ends go, every pattern is cleaned as a path and anchored at the root of the context.
 * @throws E_IGNORE_PATTERN for a line of 64 KiB or more
 */
export function readIgnoreLines(text: ByteString, file: string): IgnoreLine[] {
  const lines: IgnoreLine[] = []
  let number = 0
  for (const raw of text.split('\n')) {
    number++
    if (raw.length > LONGEST_LINE) {
      throw new CooperageError(
        'E_IGNORE_PATTERN',
        `${file}: line ${number} is longer than ${LONGEST_LINE} bytes`,
        {
          hint: 'split the pattern over several lines',
          location: { file, line: number },
          data: { expected: LONGEST_LINE, found: raw.length },
        },
      )
    }
    const line = number === 1 && raw.startsWith(BOM) ? raw.slice(BOM.length) : raw
    if (line.startsWith('#')) continue
    const trimmed = trimSpace(line)
    if (trimmed === '') continue
    const negated = trimmed.startsWith('!')
    let pattern = negated ? trimSpace(trimmed.slice(1)) : trimmed
    if (pattern !== '') pattern = cleanPath(pattern)
    if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1)
    lines.push({ pattern: negated ? `!${pattern}` : pattern, line: number })
  }
  return lines
}
