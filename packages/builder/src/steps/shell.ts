import type { ShellCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { formatGoList } from './go-format.js'

/** SHELL. */
export function shell(command: ShellCommand): Effect {
  return { config: { Shell: [...command.shell] }, history: `SHELL ${formatGoList(command.shell)}` }
}
