/** Pairs of first and last code point, in no order. */
export type RuneRanges = readonly number[]

/**
 * One step of a compiled expression. Targets are relative to the step; without one, the next step follows. Reaching
 * the end of the list is a match.
 */
export type Step =
  | { readonly kind: 'set'; readonly ranges: RuneRanges; readonly negated: boolean }
  | { readonly kind: 'begin' | 'end' | 'wordBoundary' | 'noWordBoundary' }
  /** Goes on both with the next step and with the target. */
  | { readonly kind: 'split'; readonly target: number }
  | { readonly kind: 'jump'; readonly target: number }

export type Program = readonly Step[]

export function setHolds(step: Step & { kind: 'set' }, rune: number): boolean {
  const { ranges } = step
  for (let index = 0; index < ranges.length; index += 2) {
    if (ranges[index]! <= rune && rune <= ranges[index + 1]!) return !step.negated
  }
  return step.negated
}
