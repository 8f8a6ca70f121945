import type { EntrypointCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { quoteGoList } from './go-format.js'
import { commandArguments } from './shell-form.js'
import type { StepContext } from './step-context.js'

/** ENTRYPOINT. It takes away a CMD that the stage inherited: that one was meant for another program. */
export function entrypoint(command: EntrypointCommand, context: StepContext): Effect {
  const args = commandArguments(command.command, context)
  const Entrypoint = [...args]
  return {
    config: context.cmdSet ? { Entrypoint } : { Entrypoint, Cmd: undefined },
    history: `ENTRYPOINT ${quoteGoList(args)}`,
  }
}
