import { CooperageError, isCooperageError } from '../../errors.js'
import type { Endpoint, EndpointPolicy, EndpointQuestion, EndpointTls } from '../endpoint.js'
import { isLoopbackHost } from '../loopback-host.js'
import { serverHost } from '../server-host.js'
import type { HostCertificates } from './host-certificates.js'
import { matchRule } from './match-rule.js'
import { probeScheme } from './probe-scheme.js'
import type { MirrorRule, RegistryRule } from './registry-rules.js'

export interface RuleEndpointsOptions {
  /** Looked through in this order: the first list that has a rule for a repository decides. Default: none. */
  readonly rules?: readonly (readonly RegistryRule[])[]
  /**
   * Hosts (with their port) for which any certificate and http will do, whatever the rules say; also at the places that
   * rules have for their repositories.
   */
  readonly insecure?: readonly string[]
  readonly certificates?: HostCertificates
  /** Default {@link probeScheme}: asked once a host, of this machine or insecure, that has no certificates of its own. */
  readonly probe?: (host: string) => Promise<'http' | 'https'>
  /** Variables as a process has them, for the proxies that the default probe may have to go by. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Told of a mirror that is left out, since what this machine has for it cannot be used. */
  readonly onWarning?: (message: string) => void
}

type Capability = 'pull' | 'resolve' | 'push'

const READ: ReadonlySet<Capability> = new Set<Capability>(['pull', 'resolve'])
const ALL: ReadonlySet<Capability> = new Set<Capability>(['pull', 'resolve', 'push'])
const PUSH: ReadonlySet<Capability> = new Set<Capability>(['push'])
const BY_DIGEST: ReadonlySet<Capability> = new Set<Capability>(['pull'])

/** What is wrong on this machine with one host. The next server can be asked all the same. */
const LOCAL = new Set(['E_REG_CERTIFICATE', 'E_CONFIG_FILE', 'E_REF'])

/**
 * Servers by the rules of configurations: mirrors in their order, then what takes the place of the registry, then, for
 * pushes, the registry itself where that is another. By https; a host of this machine, or one that is insecure, is
 * spoken to by http when it knows no TLS. @throws E_REF for a host that can be none
 */
export function ruleEndpoints(options: RuleEndpointsOptions = {}): EndpointPolicy {
  const { rules = [], insecure = [] } = options
  const hosts = new Map<string, Promise<Pick<Endpoint, 'origin' | 'tls'>>>()

  return async (repository, { by } = {}) => {
    const isInsecure = insecure.includes(repository.split('/', 1)[0]!)
    const found = matchFirst(rules, repository)
    if (found === undefined) {
      return [await at(repository, { isMirror: false, capabilities: ALL, insecure: isInsecure })]
    }
    const { rule, rest } = found
    if (rule.blocked) throw blocked(repository, rule)
    const mirrors = await mirrorsOf(rule, rest, { by, isInsecure })
    const place = rule.location === undefined ? repository : rule.location + rest
    const isElsewhere = place !== repository
    const own = { isMirror: false, insecure: rule.insecure || isInsecure }
    const registry = await at(place, { ...own, capabilities: isElsewhere ? READ : ALL })
    if (!isElsewhere) return [...mirrors, registry]
    return [...mirrors, registry, await at(repository, { ...own, capabilities: PUSH })]
  }

  async function mirrorsOf(
    rule: RegistryRule,
    rest: string,
    { by, isInsecure }: { readonly by: EndpointQuestion['by']; readonly isInsecure: boolean },
  ): Promise<Endpoint[]> {
    const found = await Promise.all(
      mirrorsFor(rule, by).map((mirror) => {
        const { location, insecure } = mirror
        const capabilities = capabilitiesOf(mirror)
        const how = { isMirror: true, capabilities, insecure: insecure || isInsecure }
        return at(location + rest, how).catch((error: unknown) => {
          if (!isCooperageError(error) || !LOCAL.has(error.code)) throw error
          options.onWarning?.(`the mirror ${location} is passed over: ${error.message}`)
          return undefined
        })
      }),
    )
    return found.filter((endpoint) => endpoint !== undefined)
  }

  async function at(
    repository: string,
    how: Pick<Endpoint, 'isMirror' | 'capabilities'> & { readonly insecure: boolean },
  ): Promise<Endpoint> {
    const slash = repository.indexOf('/')
    const host = slash < 0 ? repository : repository.slice(0, slash)
    const isInsecure = how.insecure || insecure.includes(host)
    const key = `${host} ${isInsecure}`
    const server = hosts.get(key) ?? serverOf(host, isInsecure)
    hosts.set(key, server)
    // A folder that cannot be read may be mended; who asks next looks again.
    server.catch(() => hosts.delete(key))
    return {
      ...(await server),
      repository: slash < 0 ? '' : repository.slice(slash + 1),
      isMirror: how.isMirror,
      capabilities: how.capabilities,
      credentialKey: repository,
    }
  }

  async function serverOf(host: string, isInsecure: boolean): Promise<Pick<Endpoint, 'origin' | 'tls'>> {
    const server = serverHost(host)
    const found = await certificatesOf(host, server)
    const mayBePlain = isInsecure || isLoopbackHost(server)
    const probe = options.probe ?? ((name: string) => probeScheme(name, options.environment))
    const scheme = mayBePlain && found === undefined ? await probe(server) : 'https'
    if (scheme === 'http') return { origin: `http://${server}` }
    const tls = isInsecure ? { ...found, skipVerify: true } : found
    return { origin: `https://${server}`, ...(tls !== undefined && { tls }) }
  }

  async function certificatesOf(host: string, server: string): Promise<EndpointTls | undefined> {
    const { certificates } = options
    if (certificates === undefined) return undefined
    return (await certificates(host)) ?? (server === host ? undefined : certificates(server))
  }
}

function matchFirst(
  lists: readonly (readonly RegistryRule[])[],
  repository: string,
): ReturnType<typeof matchRule> {
  for (const rules of lists) {
    const found = matchRule(rules, repository)
    if (found !== undefined) return found
  }
  return undefined
}

function mirrorsFor({ mirrors }: RegistryRule, by: EndpointQuestion['by']): readonly MirrorRule[] {
  return mirrors.filter(({ pull }) => !(pull === 'tag-only' && by === 'digest'))
}

/** What a tag leads to is fetched by its digest, so a mirror for tags serves those as well. */
function capabilitiesOf({ pull }: MirrorRule): ReadonlySet<Capability> {
  return pull === 'digest-only' ? BY_DIGEST : READ
}

function blocked(repository: string, rule: RegistryRule): CooperageError {
  return new CooperageError('E_REG_BLOCKED', `the configuration blocks ${repository}`, {
    hint: `the registry table with the prefix ${rule.prefix} says so, in registries.conf or in the configuration of cooper`,
    data: { repository, prefix: rule.prefix },
  })
}
