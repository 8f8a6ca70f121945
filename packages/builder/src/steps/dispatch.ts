import type { Command } from '../instructions/commands.js'
import { add } from './add.js'
import { arg } from './arg.js'
import { cmd } from './cmd.js'
import { copy } from './copy.js'
import type { Effect } from './effect.js'
import { entrypoint } from './entrypoint.js'
import { env } from './env.js'
import { expose } from './expose.js'
import { healthcheck } from './healthcheck.js'
import { label } from './label.js'
import { maintainer } from './maintainer.js'
import { onbuild } from './onbuild.js'
import { run } from './run.js'
import { shell } from './shell.js'
import type { StepContext } from './step-context.js'
import { stopsignal } from './stopsignal.js'
import { user } from './user.js'
import { volume } from './volume.js'
import { workdir } from './workdir.js'

/** What the command does to its stage. Pure: the stage is changed by whoever applies the effect. */
export function effectOf(command: Command, context: StepContext): Effect {
  switch (command.kind) {
    case 'env':
      return env(command, context)
    case 'label':
      return label(command, context)
    case 'arg':
      return arg(command, context)
    case 'maintainer':
      return maintainer(command)
    case 'copy':
      return copy(command, context)
    case 'add':
      return add(command, context)
    case 'run':
      return run(command, context)
    case 'cmd':
      return cmd(command, context)
    case 'entrypoint':
      return entrypoint(command, context)
    case 'shell':
      return shell(command)
    case 'workdir':
      return workdir(command, context)
    case 'user':
      return user(command, context)
    case 'expose':
      return expose(command, context)
    case 'volume':
      return volume(command, context)
    case 'stopsignal':
      return stopsignal(command, context)
    case 'healthcheck':
      return healthcheck(command)
    case 'onbuild':
      return onbuild(command)
  }
}
