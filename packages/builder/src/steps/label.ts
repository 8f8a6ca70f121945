import type { LabelCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { expandPairs } from './expand-pairs.js'
import type { StepContext } from './step-context.js'

/** LABEL. */
export function label(command: LabelCommand, context: StepContext): Effect {
  const pairs = expandPairs(command.pairs, context)
  return { labels: pairs, history: ['LABEL', ...pairs.map(([key, value]) => `${key}=${value}`)].join(' ') }
}
