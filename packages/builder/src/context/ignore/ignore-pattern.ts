import { type ByteString, CooperageError, toUtf8 } from '@cooperage/store'
import { compileExpression } from '../expression/compile-expression.js'
import { ProgramRunner } from '../expression/run-program.js'
import { decodeRunes } from '../glob/decode-rune.js'
import { matchGlobBytes } from '../match-glob.js'
import { cleanPath } from './clean-path.js'
import { type PatternShape, patternShape } from './pattern-shape.js'
import { patternToExpression } from './pattern-to-expression.js'
import type { IgnoreLine } from './read-ignore-lines.js'
import { trimSpace } from './trim-space.js'

export interface IgnorePattern {
  /** Without `!`, cleaned. */
  readonly text: ByteString
  readonly negated: boolean
  readonly line: number
  /** True when the pattern matches the path that is its text, and no other. */
  readonly isExact: boolean
  readonly shape: PatternShape
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
  const form = patternToExpression(text)
  const common = { text, negated, line, isExact: form.kind === 'exact', shape: patternShape(text) }
  if (form.kind === 'exact') return { ...common, matches: (path) => path === text }
  if (form.kind === 'prefix') {
    const { prefix } = form
    return { ...common, matches: (path) => path.startsWith(prefix) }
  }
  if (form.kind === 'suffix') {
    const { suffix } = form
    const alone = suffix.startsWith('/') ? suffix.slice(1) : undefined
    return { ...common, matches: (path) => path.endsWith(suffix) || path === alone }
  }
  const fault = () =>
    refuse('syntax error in pattern', 'a backslash before a letter has a meaning of its own')
  return { ...common, matches: expressionMatcher(form.source, common.shape, fault) }
}

function expressionMatcher(
  source: readonly number[],
  shape: PatternShape,
  fault: () => CooperageError,
): (path: ByteString) => boolean {
  const { prefix, suffix, components } = shape
  let runner: ProgramRunner | undefined
  return (path) => {
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) return false
    for (const component of components) if (!path.includes(component)) return false
    if (!runner) {
      const program = compileExpression(source)
      if (!program) throw fault()
      runner = new ProgramRunner(program)
    }
    return runner.matches(runesOf(path))
  }
}

// Many patterns are asked about one path in a row.
let lastPath = ''
let lastRunes: readonly number[] = []

function runesOf(path: ByteString): readonly number[] {
  if (path !== lastPath) {
    lastPath = path
    lastRunes = decodeRunes(path)
  }
  return lastRunes
}
