import type { EnvCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { expandPairs } from './expand-pairs.js'
import type { StepContext } from './step-context.js'

/** ENV. The whole line is expanded before any of it takes effect. */
export function env(command: EnvCommand, context: StepContext): Effect {
  const pairs = expandPairs(command.pairs, context)
  return { env: pairs, history: ['ENV', ...pairs.map(([key, value]) => `${key}=${value}`)].join(' ') }
}
