import { CooperageError } from '@cooperage/store'
import type { ExposeCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { formatGoList } from './go-format.js'
import { parsePort } from './port.js'
import type { StepContext } from './step-context.js'

/** There are fewer ports of three protocols: more are the same ones again. */
const MOST_PORTS = 200_000

/** EXPOSE. The arguments come sorted as text; each may expand to several words. @throws E_DF_PORT, E_LIMIT */
export function expose(command: ExposeCommand, context: StepContext): Effect {
  const ports: string[] = []
  for (const port of command.ports.flatMap((word) => context.words(word))) {
    const parsed = parsePort(port, context.location)
    if (ports.length + parsed.length > MOST_PORTS) {
      throw new CooperageError('E_LIMIT', `EXPOSE names more than ${MOST_PORTS} ports`, {
        location: context.location,
        hint: 'name a range once: what it holds is exposed once',
        data: { limit: MOST_PORTS },
      })
    }
    for (const one of parsed) ports.push(one)
  }
  return { ports, history: `EXPOSE ${formatGoList(ports)}` }
}
