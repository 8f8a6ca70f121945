import type { ExposeCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { formatGoList } from './go-format.js'
import { parsePort } from './port.js'
import type { StepContext } from './step-context.js'

/** EXPOSE. The arguments come sorted as text; each may expand to several words. */
export function expose(command: ExposeCommand, context: StepContext): Effect {
  const ports = command.ports
    .flatMap((port) => context.words(port))
    .flatMap((port) => parsePort(port, context.location))
  return { ports, history: `EXPOSE ${formatGoList(ports)}` }
}
