import { CooperageError } from '@cooperage/store'
import type { VolumeCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { formatGoList } from './go-format.js'
import type { StepContext } from './step-context.js'

/** VOLUME: paths stay as written, relative ones included. */
export function volume(command: VolumeCommand, context: StepContext): Effect {
  const paths = command.volumes.map((path) => context.word(path))
  if (paths.includes('')) {
    throw new CooperageError('E_DF_VOLUME', 'VOLUME specified can not be an empty string', {
      location: context.location,
      hint: 'give a path, or a variable that has a value here',
    })
  }
  return { volumes: paths, history: `VOLUME ${formatGoList(paths)}` }
}
