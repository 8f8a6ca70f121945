import type { CmdCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { quoteGoList } from './go-format.js'
import { commandArguments } from './shell-form.js'
import type { StepContext } from './step-context.js'

/** CMD. `ArgsEscaped` is set in every case: Docker reads it for Windows images, and BuildKit writes it for all. */
export function cmd(command: CmdCommand, context: StepContext): Effect {
  const args = commandArguments(command.command, context)
  return {
    config: { Cmd: [...args], ArgsEscaped: true },
    history: `CMD ${quoteGoList(args)}`,
    setsCmd: true,
  }
}
