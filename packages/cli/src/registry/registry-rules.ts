import { join } from 'node:path'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import {
  hostConfigFiles,
  mergeRegistryRules,
  type ReadRulesOptions,
  type RegistryRule,
  type RegistryRules,
  readRegistryRules,
} from '@cooperage/store/registry'
import type { RegistryTables } from '../settings/configuration.js'
import type { Settings } from '../settings/settings.js'
import { lineOfKey, lineOfTable, locate, parseToml, type TomlSource } from '../settings/toml-file.js'

type Environment = Readonly<Record<string, string | undefined>>

/** What all configurations say about registries: ours first, then that of podman. */
export interface AllRules {
  readonly lists: readonly (readonly RegistryRule[])[]
  readonly aliases: Aliases
}

/** Short names and what they stand for; read when one is asked for. @throws E_CONFIG_FILE */
export type Aliases = () => Promise<ReadonlyMap<string, string>>

const SYSTEM = '/etc/containers'
const NAME = 'registries.conf'

/**
 * The rules of the configuration of cooper and of `registries.conf` with its drop-ins, each read as podman reads it.
 * @throws E_CONFIG_FILE with the file and the line
 */
export async function registryRules(
  settings: Pick<Settings, 'registries' | 'registriesConf'>,
  env: Environment,
): Promise<AllRules> {
  const own = settings.registries === undefined ? NONE : rulesOf(settings.registries, { strict: true })
  const files = settings.registriesConf === false ? [] : await systemFiles(env)
  const early = await Promise.all(
    files.map((source) => (holdsAliasesOnly(source.text) ? undefined : rulesIn(source))),
  )
  let read: ReturnType<Aliases> | undefined
  const readAliases: Aliases = async () => {
    const all = await Promise.all(files.map((source, index) => early[index] ?? rulesIn(source)))
    return mergeRegistryRules([...all, own]).aliases
  }
  const aliases: Aliases = () => {
    read ??= readAliases()
    return read
  }
  const theirs = mergeRegistryRules(early.filter((rules) => rules !== undefined))
  return { lists: [own.rules, theirs.rules], aliases }
}

/** An alias says where a short name is read from; nobody means it by the name of what is written. */
export const noAliases: Aliases = async () => new Map()

const NONE: RegistryRules = { rules: [], aliases: new Map() }

async function systemFiles(env: Environment): Promise<TomlSource[]> {
  const sources = await Promise.all(
    (await systemPaths(env)).map(async (file) => {
      const bytes = await hostConfigFiles.read(file)
      return bytes && { file, text: Buffer.from(bytes).toString('utf8') }
    }),
  )
  return sources.filter((source) => source !== undefined)
}

/** The main file, then the drop-ins; a user with a main file of their own is not told what the system's say. */
async function systemPaths(env: Environment): Promise<string[]> {
  const own = env.HOME ? join(env.HOME, '.config/containers') : undefined
  const named = env.CONTAINERS_REGISTRIES_CONF
  const hasOwn = own !== undefined && (await hostConfigFiles.read(join(own, NAME))) !== undefined
  const main = named || (hasOwn ? join(own, NAME) : join(SYSTEM, NAME))
  if (named && (await hostConfigFiles.read(named)) === undefined) {
    throw new CooperageError('E_CONFIG_FILE', `there is no file ${named}`, {
      hint: 'the variable CONTAINERS_REGISTRIES_CONF names it',
    })
  }
  const folders = hasOwn && !named ? [own] : own === undefined ? [SYSTEM] : [SYSTEM, own]
  const dropIns = await Promise.all(
    folders.map(async (folder) => {
      const names = await hostConfigFiles.list(join(folder, `${NAME}.d`))
      return names.filter((name) => name.endsWith('.conf')).map((name) => join(folder, `${NAME}.d`, name))
    }),
  )
  return [main, ...dropIns.flat()]
}

async function rulesIn(source: TomlSource): Promise<RegistryRules> {
  return rulesOf({ document: await parseToml(source), source }, {})
}

const HEADER_OF_ALIASES = /^\[\s*aliases\s*\]\s*(?:#|$)/

/**
 * Podman comes with a long list of short names, which takes longer to read as TOML than many a command takes in all,
 * and most names are not short. Before the first header keys are of the top level; a header begins its line.
 */
function holdsAliasesOnly(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim())
  const told = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return told.every((line, index) => (index > 0 && !line.startsWith('[')) || HEADER_OF_ALIASES.test(line))
}

function rulesOf({ document, source }: RegistryTables, options: ReadRulesOptions): RegistryRules {
  try {
    return readRegistryRules(document, options)
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_REGISTRIES_CONF') throw error
    throw new CooperageError('E_CONFIG_FILE', error.message, {
      location: locate(source, lineOf(String(error.data.path), source.text)),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

/** Of `registry[1].mirror[0].location` the line of the second `[[registry]]`; of `aliases.x` that of the alias. */
function lineOf(path: string, text: string): number {
  const [, name = '', index] = /^([a-z]+)(?:\[(\d+)\])?/.exec(path) ?? []
  if (index !== undefined) return lineOfTable(name, Number(index), text)
  return lineOfKey(path.startsWith('aliases.') ? path.slice('aliases.'.length) : name, text)
}
