import type { WorkdirCommand } from '../instructions/commands.js'
import type { Effect } from './effect.js'
import type { StepContext } from './step-context.js'
import { absolutePath, cleanPath } from './unix-path.js'

/**
 * WORKDIR. An absolute path goes into the config as written, a relative one joined and clean. The directory is made
 * as a layer of its own, owned by the user of the stage; `/` is always there.
 */
export function workdir(command: WorkdirCommand, context: StepContext): Effect {
  const written = context.word(command.path)
  const path = written.startsWith('/') ? written : absolutePath(context.config.WorkingDir ?? '/', written)
  const effect = { config: { WorkingDir: path }, history: `WORKDIR ${path}` }
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
