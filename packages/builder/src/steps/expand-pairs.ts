import type { KeyValue } from '../instructions/commands.js'
import type { StepContext } from './step-context.js'

/** Keys and values of ENV and LABEL, expanded with the variables from before the line. */
export function expandPairs(
  pairs: readonly KeyValue[],
  context: StepContext,
): readonly (readonly [key: string, value: string])[] {
  return pairs.map(({ key, value }) => [context.word(key), context.word(value)] as const)
}
