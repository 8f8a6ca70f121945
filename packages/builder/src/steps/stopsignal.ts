import { CooperageError } from '@cooperage/store'
import type { StopsignalCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { isSignal } from './signals.js'
import type { StepContext } from './step-context.js'

/** STOPSIGNAL: stored as written, once it is known to be a signal. */
export function stopsignal(command: StopsignalCommand, context: StepContext): Effect {
  const signal = context.word(command.signal)
  if (!isSignal(signal)) {
    throw new CooperageError('E_DF_SIGNAL', `invalid signal: ${signal}`, {
      location: context.location,
      hint: 'use a name such as SIGTERM or a number such as 15',
      data: { signal },
    })
  }
  return { config: { StopSignal: signal }, history: `STOPSIGNAL ${signal}` }
}
