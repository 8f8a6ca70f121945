import type { WorkdirCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import { imagePath } from './image-path.js'
import type { StepContext } from './step-context.js'
import { cleanPath } from './unix-path.js'
import { workingDirectory } from './working-directory.js'

/**
 * WORKDIR. An absolute path goes into the config as written, a relative one joined and clean. The directory is made
 * as a layer of its own, owned by the user of the stage; `/` is always there.
 */
export function workdir(command: WorkdirCommand, context: StepContext): Effect {
  const written = context.word(command.path)
  const configured = workingDirectory(context.config.WorkingDir ?? '/', written, context.os)
  const path = imagePath(configured, context.os)
  const effect = { config: { WorkingDir: configured }, history: `WORKDIR ${path}` }
  if (path === '/') return effect
  return {
    ...effect,
    operation: {
      kind: 'mkdir',
      path: cleanPath(path),
      owner: context.config.User ?? '',
      text: `WORKDIR ${path}`,
      location: context.location,
    },
  }
}
