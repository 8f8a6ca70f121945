import { createReadStream } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CooperageError, hasErrno, isCooperageError, type SourceLocation } from '@cooperage/store/errors'
import { closest } from '../flags/closest.js'
import { readLimited } from '../read-limited.js'
import { DURABILITIES, type Durability, PROGRESS_MODES, type ProgressMode } from './modes.js'
import { userFolder } from './user-folder.js'

/** What a configuration file may say. */
export interface Configuration {
  readonly store?: string
  readonly durability?: Durability
  readonly progress?: ProgressMode
  readonly jobs?: number
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
  const text = bytes.toString('utf8')
  const found = readKeys(await parseToml(text, file), { file, text })
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

async function parseToml(text: string, file: string): Promise<Record<string, unknown>> {
  const { default: toml } = await import('@iarna/toml')
  try {
    return toml.parse(text)
  } catch (error) {
    // The parser counts lines from 0.
    const line = (error as { line?: unknown }).line
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new CooperageError('E_CONFIG_FILE', 'the configuration is not TOML', {
      ...(typeof line === 'number' ? { location: locate({ file, text }, line + 1) } : {}),
      cause: new Error(reason.replace(/ at row \d+, col \d+, pos \d+:?$/, '')),
    })
  }
}

interface Source {
  readonly file: string
  readonly text: string
}

function locate(source: Source, line: number): SourceLocation {
  return { file: source.file, line, source: source.text.split('\n') }
}

type Reader = (value: unknown) => Configuration | string

// Each reader answers with the part of the configuration, or with what the value should have been.
const KEYS: Readonly<Record<keyof Configuration, Reader>> = {
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
}

function readKeys(table: Record<string, unknown>, source: Source): Configuration {
  let configuration: Configuration = {}
  for (const [key, value] of Object.entries(table)) {
    const location = locate(source, lineOf(key, source.text))
    if (!Object.hasOwn(KEYS, key)) {
      const near = closest(key, Object.keys(KEYS))
      throw new CooperageError('E_CONFIG_FILE', `unknown key ${JSON.stringify(key)} in the configuration`, {
        location,
        hint: near === undefined ? `the keys are ${Object.keys(KEYS).join(', ')}` : `did you mean ${near}?`,
      })
    }
    const read = KEYS[key as keyof Configuration](value)
    if (typeof read === 'string') {
      throw new CooperageError('E_CONFIG_FILE', `the key ${key} must be ${read}`, { location })
    }
    configuration = { ...configuration, ...read }
  }
  return configuration
}

function lineOf(key: string, text: string): number {
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const index = text.split('\n').findIndex((line) => new RegExp(`^\\s*[["']*${escaped}\\b`).test(line))
  return index === -1 ? 1 : index + 1
}
