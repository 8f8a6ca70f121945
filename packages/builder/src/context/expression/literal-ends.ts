import { type ByteString, fromUtf8 } from '@cooperage/store'
import { RUNE_ERROR } from '../glob/decode-rune.js'
import type { Program, Step } from './program.js'

export interface LiteralEnds {
  /** Every match starts with these bytes and ends with those: a cheap test before the real one. */
  readonly prefix: ByteString
  readonly suffix: ByteString
}

/** The literal text at both ends of an anchored program. */
export function literalEnds(program: Program): LiteralEnds {
  const body = program[0]?.kind === 'begin' ? program.slice(1) : []
  let from = 0
  while (literalOf(body[from]) !== undefined) from++
  let to = body[body.length - 1]?.kind === 'end' ? body.length - 1 : 0
  const end = to
  // A step that a jump leads to may be reached without the one before it.
  const lastTarget = body.reduce(
    (last, step, at) => ('target' in step ? Math.max(last, at + step.target) : last),
    0,
  )
  while (to > lastTarget && literalOf(body[to - 1]) !== undefined) to--
  return { prefix: text(body.slice(0, from)), suffix: text(body.slice(to, end)) }
}

/** U+FFFD also stands for bytes that are not UTF-8, so it is no literal. */
function literalOf(step: Step | undefined): number | undefined {
  if (step?.kind !== 'set' || step.negated || step.ranges.length !== 2) return undefined
  const [low, high] = step.ranges
  return low === high && low !== RUNE_ERROR ? low : undefined
}

function text(steps: readonly Step[]): ByteString {
  return fromUtf8(steps.map((step) => String.fromCodePoint(literalOf(step)!)).join(''))
}
