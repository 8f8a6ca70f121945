import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'
import { type RegistryTables, readConfiguration } from './configuration.js'
import { type Durability, PROGRESS_MODES, type ProgressMode } from './modes.js'
import { userFolder } from './user-folder.js'

/** What holds for every command, wherever it was said. A flag wins over the environment, that over the file. */
export interface Settings {
  /** Folder of the store; need not exist yet. */
  readonly store: string
  readonly durability?: Durability
  readonly progress: ProgressMode
  /** Steps that may run side by side; absent = as the library sees fit. */
  readonly jobs?: number
  /** False: the registries.conf of podman is not looked at. */
  readonly registriesConf?: boolean
  readonly registries?: RegistryTables
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws E_CLI, E_CONFIG_FILE, E_HOME */
export async function resolveSettings(flags: FlagValues, env: Environment): Promise<Settings> {
  const file = await readConfiguration(flags.text('config') ?? nonEmpty(env.COOPERAGE_CONFIG), env)
  const store = flags.text('store') ?? nonEmpty(env.COOPERAGE_STORE) ?? file.store ?? userFolder('data', env)
  if (store === '')
    throw new CooperageError('E_CLI', '--store is empty', { hint: 'give the path of a folder' })
  return {
    store,
    progress: progressOf(env) ?? file.progress ?? 'auto',
    ...(file.durability === undefined ? {} : { durability: file.durability }),
    ...(file.jobs === undefined ? {} : { jobs: file.jobs }),
    ...(file.registriesConf === undefined ? {} : { registriesConf: file.registriesConf }),
    ...(file.registries === undefined ? {} : { registries: file.registries }),
  }
}

/** BUILDKIT_PROGRESS is what people already have in their CI. */
function progressOf(env: Environment): ProgressMode | undefined {
  const name = nonEmpty(env.COOPERAGE_PROGRESS) === undefined ? 'BUILDKIT_PROGRESS' : 'COOPERAGE_PROGRESS'
  const value = nonEmpty(env[name])
  if (value === undefined) return undefined
  const mode = value === 'none' ? 'quiet' : PROGRESS_MODES.find((one) => one === value)
  if (mode) return mode
  throw new CooperageError('E_CLI', `${name} cannot be ${JSON.stringify(value)}`, {
    hint: `choose one of ${PROGRESS_MODES.join(', ')}`,
  })
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
