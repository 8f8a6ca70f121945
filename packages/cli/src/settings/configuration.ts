import { createReadStream } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CooperageError, hasErrno, isCooperageError } from '@cooperage/store/errors'
import { closest } from '../flags/closest.js'
import { readLimited } from '../read-limited.js'
import { DURABILITIES, type Durability, PROGRESS_MODES, type ProgressMode } from './modes.js'
import { lineOfKey, locate, parseToml, type TomlSource } from './toml-file.js'
import { userFolder } from './user-folder.js'

/** What a configuration file may say. */
export interface Configuration {
  readonly store?: string
  readonly durability?: Durability
  readonly progress?: ProgressMode
  readonly jobs?: number
  /** Whether the registries.conf of podman counts as well. */
  readonly registriesConf?: boolean
  /** The tables `registry` and `aliases` as they are written, for `registryRules`. */
  readonly registries?: RegistryTables
}

/** What a file says about registries, not yet judged: only commands that speak to one need it. */
export interface RegistryTables {
  readonly document: Readonly<Record<string, unknown>>
  readonly source: TomlSource
}

// A person writes this file by hand; more than this is another file, given by mistake.
const LIMIT = 1024 * 1024

/**
 * The file at `path`, or the user's own when none is named; a user without one has an empty configuration.
 * A relative `store` is meant from the folder of the file. @throws E_CONFIG_FILE
 */
export async function readConfiguration(
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Configuration> {
  const file = path ?? userFile(env)
  if (file === undefined) return {}
  let bytes: Buffer
  try {
    bytes = await readLimited(createReadStream(file), LIMIT, `the configuration ${file}`)
  } catch (error) {
    if (path === undefined && hasErrno(error, 'ENOENT', 'ENOTDIR')) return {}
    if (isCooperageError(error)) throw error
    throw new CooperageError('E_CONFIG_FILE', `cannot read the configuration ${file}`, { cause: error })
  }
  const source = { file, text: bytes.toString('utf8') }
  const found = readKeys(await parseToml(source), source)
  return found.store === undefined ? found : { ...found, store: resolve(dirname(file), found.store) }
}

/** Without a HOME there is no file of the user; the store will say what is missing if it needs one. */
function userFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return join(userFolder('config', env), 'config.toml')
  } catch (error) {
    if (error instanceof CooperageError && error.code === 'E_HOME') return undefined
    throw error
  }
}

type Reader = (value: unknown) => Configuration | string

// Each reader answers with the part of the configuration, or with what the value should have been.
const KEYS: Readonly<Record<string, Reader>> = {
  store: (value) => (typeof value === 'string' && value !== '' ? { store: value } : 'the path of a folder'),
  durability: (value) => {
    const durability = DURABILITIES.find((one) => one === value)
    return durability ? { durability } : `one of ${DURABILITIES.join(', ')}`
  },
  progress: (value) => {
    const progress = PROGRESS_MODES.find((one) => one === value)
    return progress ? { progress } : `one of ${PROGRESS_MODES.join(', ')}`
  },
  jobs: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1024
      ? { jobs: value }
      : 'a whole number from 1 to 1024',
  'registries-conf': (value) => (typeof value === 'boolean' ? { registriesConf: value } : 'true or false'),
  registry: (value) => (Array.isArray(value) ? {} : 'a list of tables: [[registry]]'),
  aliases: (value) => (typeof value === 'object' && !Array.isArray(value) ? {} : 'a table: [aliases]'),
}

function readKeys(table: Record<string, unknown>, source: TomlSource): Configuration {
  let configuration: Configuration = {}
  for (const [key, value] of Object.entries(table)) {
    const location = locate(source, lineOfKey(key, source.text))
    const read = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (read === undefined) {
      const near = closest(key, Object.keys(KEYS))
      throw new CooperageError('E_CONFIG_FILE', `unknown key ${JSON.stringify(key)} in the configuration`, {
        location,
        hint: near === undefined ? `the keys are ${Object.keys(KEYS).join(', ')}` : `did you mean ${near}?`,
      })
    }
    const part = read(value)
    if (typeof part === 'string') {
      throw new CooperageError('E_CONFIG_FILE', `the key ${key} must be ${part}`, { location })
    }
    configuration = { ...configuration, ...part }
  }
  const speaksOfRegistries = table.registry !== undefined || table.aliases !== undefined
  return speaksOfRegistries ? { ...configuration, registries: { document: table, source } } : configuration
}
