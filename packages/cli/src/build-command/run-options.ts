import type { ExtraHost, Isolation, RunNetwork, RunOptions, RunResources, Ulimit } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import { parseUrl } from '@cooperage/store/http'
import type { FlagValues } from '../flags/parse.js'
import type { Invocation } from '../invocation.js'
import { LOCAL_DELETE } from './check-deletes.js'
import { parseSize } from './size.js'

const ENTITLEMENTS = ['network.host', 'security.insecure']
/** Short names of the limits of setrlimit(2). */
const ULIMITS = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  ),
)

/** What the flags say of processes. @throws E_CLI */
export function runOptions(flags: FlagValues, env: Invocation['env']): RunOptions {
  const network = flags.text('network') as RunNetwork | undefined
  const shm = flags.text('shm-size')
  // As in Docker, 0 is the size that nobody asked for.
  const shmSize = shm === undefined ? 0 : parseSize('shm-size', shm, 0)
  const allow = flags
    .list('allow')
    .filter((right) => right !== LOCAL_DELETE)
    .map(entitlement)
  const extraHosts = flags.list('add-host').map(extraHost)
  const ulimits = new Map(flags.list('ulimit').map((text) => [ulimit(text).name, ulimit(text)]))
  const resources = resourcesOf(flags)
  return {
    ...sandboxOptions(flags, env),
    ...(network !== undefined && { network }),
    ...(allow.length > 0 && { allow }),
    ...(extraHosts.length > 0 && { extraHosts }),
    ...(shmSize > 0 && { shmSize }),
    ...(ulimits.size > 0 && { ulimits: [...ulimits.values()] }),
    ...(Object.keys(resources).length > 0 && { resources }),
  }
}

/** What makes the sandbox of processes. */
export function sandboxOptions(
  flags: FlagValues,
  { PATH }: Invocation['env'],
): Pick<RunOptions, 'isolation' | 'path'> {
  const isolation = flags.text('isolation')
  return {
    ...(isolation !== undefined && isolation !== 'default' && { isolation: isolation as Isolation }),
    ...(PATH !== undefined && { path: PATH }),
  }
}

function entitlement(text: string): string {
  if (ENTITLEMENTS.includes(text)) return text
  throw refused(
    'allow',
    text,
    `the rights that can be granted are ${[...ENTITLEMENTS, LOCAL_DELETE].join(', ')}`,
  )
}

/** `HOST:IP` or `HOST=IP`; an IPv6 address may stand in brackets. */
function extraHost(text: string): ExtraHost {
  const match = /^([^:=]+)[:=](.*)$/.exec(text)
  const host = match?.[1] ?? ''
  const address = (match?.[2] ?? '').replace(/^\[(.*)\]$/, '$1')
  if (address === 'host-gateway')
    throw refused('add-host', text, 'give the address itself: host-gateway is not served')
  if (/^[\w.-]+$/.test(host) && isAddress(address)) return { host, address }
  throw refused('add-host', text, 'write HOST:IP')
}

function isAddress(text: string): boolean {
  const parts = text.split('.')
  const isByte = (part: string) => /^\d{1,3}$/.test(part) && Number(part) < 256
  if (parts.length === 4 && parts.every(isByte)) return true
  return parseUrl(`http://[${text}]/`) !== undefined
}

function ulimit(text: string): Ulimit {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text)
  const [, name = '', soft = '', hard = soft] = match ?? []
  if (match === null || !ULIMITS.has(name)) {
    throw refused('ulimit', text, `write NAME=SOFT[:HARD]; the names are ${[...ULIMITS].join(', ')}`)
  }
  const limit = { name, soft: Number(soft), hard: Number(hard) }
  const isAbove = limit.hard !== -1 && (limit.soft === -1 || limit.soft > limit.hard)
  if (
    isAbove ||
    limit.soft < -1 ||
    limit.hard < -1 ||
    !Number.isSafeInteger(Math.max(limit.soft, limit.hard))
  ) {
    throw refused('ulimit', text, 'the soft limit is not above the hard one, and -1 is no limit')
  }
  return limit
}

const RESOURCES: Readonly<Record<string, keyof RunResources>> = {
  memory: 'memory',
  'cpu-quota': 'cpuQuota',
  'cpu-period': 'cpuPeriod',
  'cpu-shares': 'cpuShares',
}

/** `--resource memory=1g,cpu-quota=50000`, and the same under the names that the classic builder gave them. */
function resourcesOf(flags: FlagValues): RunResources {
  const found: { -readonly [Key in keyof RunResources]: RunResources[Key] } = {}
  for (const [name, key] of Object.entries(RESOURCES)) {
    const value = flags.text(name)
    if (value !== undefined) found[key] = amount(key, name, value)
  }
  for (const pair of flags.list('resource').flatMap((text) => text.split(','))) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, at))
    const key = RESOURCES[name]
    if (key === undefined) {
      throw refused('resource', pair, `write NAME=VALUE; the names are ${Object.keys(RESOURCES).join(', ')}`)
    }
    found[key] = amount(key, `resource ${name}`, pair.slice(at + 1))
  }
  return found
}

/** `flag`: the one that was written, for a mistake is told in its words. */
function amount(key: keyof RunResources, flag: string, text: string): number {
  if (key === 'memory') return parseSize(flag, text)
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw refused(flag, text, 'the value is a whole number above 0')
}

function refused(flag: string, text: string, hint: string): CooperageError {
  return new CooperageError('E_CLI', `--${flag} cannot be ${JSON.stringify(text)}`, { hint })
}
