import { type ByteString, CooperageError, toUtf8 } from '@cooperage/store'
import { compileExpression } from '../expression/compile-expression.js'
import { literalEnds } from '../expression/literal-ends.js'
import { runProgram } from '../expression/run-program.js'
import { decodeRunes } from '../glob/decode-rune.js'
import { matchGlobBytes } from '../match-glob.js'
import { cleanPath } from './clean-path.js'
import { patternToExpression } from './pattern-to-expression.js'
import type { IgnoreLine } from './read-ignore-lines.js'
import { trimSpace } from './trim-space.js'

/** Where a pattern can be found without trying it: the paths it can match all share this. */
export type PatternKey =
  | { readonly kind: 'path' | 'basename' | 'firstSegment'; readonly value: ByteString }
  /** Must be tried for every path. */
  | { readonly kind: 'none' }

export interface IgnorePattern {
  /** Without `!`, cleaned. */
  readonly text: ByteString
  readonly negated: boolean
  readonly line: number
  readonly key: PatternKey
  /** @throws E_IGNORE_PATTERN for a pattern that only fails when used, such as `[z-a]` or `\c`. */
  readonly matches: (path: ByteString) => boolean
}

/** Undefined for a line that holds nothing but blanks once it is cleaned. @throws E_IGNORE_PATTERN */
export function compileIgnorePattern(source: IgnoreLine, file: string): IgnorePattern | undefined {
  const { line } = source
  const trimmed = trimSpace(source.pattern)
  if (trimmed === '') return undefined
  const cleaned = cleanPath(trimmed)
  const negated = cleaned.startsWith('!')
  const text = negated ? cleaned.slice(1) : cleaned
  const refuse = (reason: string, hint: string, cause?: unknown) =>
    new CooperageError('E_IGNORE_PATTERN', `${file}:${line}: ${reason}: ${JSON.stringify(toUtf8(cleaned))}`, {
      hint,
      cause,
      location: { file, line },
      data: { pattern: toUtf8(cleaned) },
    })
  if (text === '') throw refuse('an exception needs a pattern', 'write the path to keep after the "!"')
  try {
    // Docker checks the syntax by matching against this name, so a fault behind a mismatch passes.
    matchGlobBytes(text, '.')
  } catch (error) {
    throw refuse('syntax error in pattern', 'close every "[" and end no pattern with a backslash', error)
  }
  const common = { text, negated, line }
  const form = patternToExpression(text)
  if (form.kind === 'exact') {
    return { ...common, key: { kind: 'path', value: text }, matches: (path) => path === text }
  }
  if (form.kind === 'prefix') {
    const { prefix } = form
    return { ...common, key: firstSegmentKey(prefix), matches: (path) => path.startsWith(prefix) }
  }
  if (form.kind === 'suffix') {
    const { suffix } = form
    const alone = suffix.startsWith('/') ? suffix.slice(1) : undefined
    const name = suffix.lastIndexOf('/') >= 0 ? suffix.slice(suffix.lastIndexOf('/') + 1) : undefined
    return {
      ...common,
      key: name === undefined ? { kind: 'none' } : { kind: 'basename', value: name },
      matches: (path) => path.endsWith(suffix) || path === alone,
    }
  }
  const program = compileExpression(form.source)
  if (!program) {
    const error = refuse('syntax error in pattern', 'a backslash before a letter has a meaning of its own')
    const matches = (): boolean => {
      throw error
    }
    return { ...common, key: { kind: 'none' }, matches }
  }
  const { prefix, suffix } = literalEnds(program)
  return {
    ...common,
    key: firstSegmentKey(prefix),
    matches: (path) =>
      path.startsWith(prefix) && path.endsWith(suffix) && runProgram(program, decodeRunes(path)),
  }
}

function firstSegmentKey(prefix: ByteString): PatternKey {
  const slash = prefix.indexOf('/')
  return slash < 0 ? { kind: 'none' } : { kind: 'firstSegment', value: prefix.slice(0, slash) }
}
