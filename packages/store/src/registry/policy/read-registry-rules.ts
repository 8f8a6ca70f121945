import { CooperageError } from '../../errors.js'
import { isHost } from '../server-host.js'
import type { MirrorRule, RegistryRule, RegistryRules } from './registry-rules.js'

export interface ReadRulesOptions {
  /** Refuse names of keys that are not known here; else they are of another version of podman, and are passed over. */
  readonly strict?: boolean
}

type Table = Readonly<Record<string, unknown>>

const REGISTRY_KEYS = ['prefix', 'location', 'insecure', 'blocked', 'mirror-by-digest-only', 'mirror']
const MIRROR_KEYS = ['location', 'insecure', 'pull-from-mirror']
const PULLS = ['all', 'digest-only', 'tag-only'] as const

/**
 * The rules in a parsed `registries.conf` of version 2 (containers-registries.conf(5)): the tables `registry` and
 * `aliases` of what a reader of TOML made of the file. Other keys of the top level are not looked at.
 * @throws E_REGISTRIES_CONF, which names the key
 */
export function readRegistryRules(document: Table, options: ReadRulesOptions = {}): RegistryRules {
  if (document.registries !== undefined) {
    throw refuse('registries', 'is the first version of this file, which is not read', {
      hint: 'write a [[registry]] table for each of them: see containers-registries.conf(5)',
    })
  }
  const strict = options.strict === true
  const rules = tables(document.registry, 'registry').map((table, index) =>
    readRule(table, `registry[${index}]`, strict),
  )
  const aliases = new Map<string, string>()
  for (const [name, value] of Object.entries(table(document.aliases ?? {}, 'aliases'))) {
    if (typeof value !== 'string') throw refuse(`aliases.${name}`, 'is no text')
    if (!isShortName(name)) throw refuse(`aliases.${name}`, 'is not a name without registry, tag and digest')
    if (value !== '' && !isFullName(value)) {
      throw refuse(`aliases.${name}`, 'leads to no name with a registry, and without tag and digest')
    }
    aliases.set(name, value)
  }
  return { rules, aliases }
}

function readRule(source: Table, path: string, strict: boolean): RegistryRule {
  if (strict) refuseUnknown(source, path, REGISTRY_KEYS)
  const location = place(source.location, `${path}.location`)
  const prefix = prefixOf(source.prefix, `${path}.prefix`) ?? location
  if (prefix === undefined) throw refuse(path, 'has neither prefix nor location')
  const digestOnly = flag(source['mirror-by-digest-only'], `${path}.mirror-by-digest-only`)
  return {
    prefix,
    ...(location !== undefined && { location }),
    insecure: flag(source.insecure, `${path}.insecure`),
    blocked: flag(source.blocked, `${path}.blocked`),
    mirrors: tables(source.mirror, `${path}.mirror`).map((mirror, index) =>
      readMirror(mirror, `${path}.mirror[${index}]`, { digestOnly, strict }),
    ),
  }
}

function readMirror(
  source: Table,
  path: string,
  how: { readonly digestOnly: boolean; readonly strict: boolean },
): MirrorRule {
  if (how.strict) refuseUnknown(source, path, MIRROR_KEYS)
  const location = place(source.location, `${path}.location`)
  if (location === undefined) throw refuse(path, 'has no location')
  const key = `${path}.pull-from-mirror`
  const text = source['pull-from-mirror']
  const pull = text === undefined || text === '' ? 'all' : PULLS.find((one) => one === text)
  if (pull === undefined) throw refuse(key, `is not one of ${PULLS.join(', ')}`)
  if (how.digestOnly && text !== undefined && text !== '') {
    throw refuse(key, 'cannot stand beside mirror-by-digest-only of its registry')
  }
  return {
    location,
    insecure: flag(source.insecure, `${path}.insecure`),
    pull: how.digestOnly ? 'digest-only' : pull,
  }
}

const HOST = /^(?:[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?$/
const WILDCARD = /^\*(?:\.[A-Za-z0-9-]+)+$/
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

function prefixOf(value: unknown, path: string): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('*')) return place(value, path)
  if (WILDCARD.test(value)) return value
  throw refuse(path, 'has a * elsewhere than in *.host, or more than a host after it')
}

/** A host, or a host and the beginning of a repository's name. */
function place(value: unknown, path: string): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw refuse(path, 'is no text')
  if (/^[a-z]+:\/\//i.test(value)) {
    throw refuse(path, 'has a scheme', { hint: 'write host[:port][/path]; insecure = true allows http' })
  }
  const name = value.replace(/\/+$/, '')
  const [host = '', ...components] = name.split('/')
  if (HOST.test(host) && components.every((component) => COMPONENT.test(component))) {
    if (isHost(host)) return name
    throw refuse(path, `names ${host}, which can be no host`)
  }
  if (/[:@]/.test(components.at(-1) ?? '')) {
    throw refuse(path, 'has a tag or a digest, which is not served', { hint: 'name the repository' })
  }
  throw refuse(path, 'is not of the form host[:port][/path]')
}

function isShortName(name: string): boolean {
  const [first = '', ...rest] = name.split('/')
  return first !== 'localhost' && !(rest.length > 0 && first.includes('.')) && components(name)
}

function isFullName(name: string): boolean {
  const [host = '', ...rest] = name.split('/')
  const hasHost = host === 'localhost' || /[.:]/.test(host)
  return hasHost && HOST.test(host) && isHost(host) && rest.length > 0 && components(rest.join('/'))
}

function components(path: string): boolean {
  return path.split('/').every((component) => COMPONENT.test(component))
}

function refuseUnknown(source: Table, path: string, known: readonly string[]): void {
  const unknown = Object.keys(source).find((key) => !known.includes(key))
  if (unknown !== undefined) throw refuse(`${path}.${unknown}`, `is unknown: there is ${known.join(', ')}`)
}

function flag(value: unknown, path: string): boolean {
  if (value === undefined) return false
  if (typeof value !== 'boolean') throw refuse(path, 'is neither true nor false')
  return value
}

function tables(value: unknown, path: string): readonly Table[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw refuse(path, `is not a list of tables: write [[${path}]]`)
  return value.map((item, index) => table(item, `${path}[${index}]`))
}

function table(value: unknown, path: string): Table {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw refuse(path, 'is no table')
}

function refuse(path: string, problem: string, details: { readonly hint?: string } = {}): CooperageError {
  return new CooperageError('E_REGISTRIES_CONF', `${path} ${problem}`, { ...details, data: { path } })
}
