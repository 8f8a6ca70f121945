import type { MaintainerCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'

/** MAINTAINER: the author of the image, never expanded. */
export function maintainer(command: MaintainerCommand): Effect {
  return { author: command.maintainer, history: `MAINTAINER ${command.maintainer}` }
}
