import type { UserCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import type { StepContext } from './step-context.js'

/** USER: stored as it is; names are looked up where they are used. */
export function user(command: UserCommand, context: StepContext): Effect {
  const User = context.word(command.user)
  return { config: { User }, history: `USER ${User}` }
}
