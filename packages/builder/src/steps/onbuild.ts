import type { OnbuildCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'

/** ONBUILD: stored as text, run first in the stage or build that starts from this one; no history entry. */
export function onbuild(command: OnbuildCommand): Effect {
  return { trigger: command.trigger }
}
