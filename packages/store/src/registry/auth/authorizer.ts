import { CooperageError } from '../../errors.js'
import { basicAuthorization } from '../../http/basic-authorization.js'
import type { Credential, CredentialSource } from '../credential.js'
import type { Endpoint, EndpointTls } from '../endpoint.js'
import { abortable } from '../transport/abortable.js'
import type { Call } from '../transport/call.js'
import type { Network } from '../transport/network.js'
import { type Redact, redactAuthorization } from '../transport/redact.js'
import { registryError } from '../transport/registry-error.js'
import { checkRealm } from './check-realm.js'
import { fetchToken } from './fetch-token.js'
import { isToken } from './is-token.js'
import { type Challenge, parseChallenges } from './parse-challenges.js'
import type { Token } from './parse-token.js'
import { mergeScopes } from './scopes.js'

export interface AuthorizerOptions {
  readonly network: Network
  readonly credentials: CredentialSource
  /** Ask token servers for identity tokens as well. Default false. */
  readonly offline?: boolean
  /** Ends what several calls wait for. */
  readonly signal?: AbortSignal | undefined
}

/** What a request is sent with. */
export interface Authorization {
  readonly header?: string
  /** True when nobody has tried it yet: if it is refused, another like it would be too. */
  readonly isFresh: boolean
  /** How it was thought that the server wants to know. */
  readonly way?: Way
}

/** How a server wants to know who asks. */
export type Way =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: URL; readonly service?: string }

interface Held {
  readonly token: Token
  /** Milliseconds since 1970; a little before its end, for requests take time. */
  readonly until: number
  isTried: boolean
}

const NOTHING: Authorization = { isFresh: false }
const MARGIN = 10_000

/**
 * Knows who may be told what. Nothing is sent before a server has asked for it; what it asked for once is then sent
 * with the first request. Credentials and tokens leave it only as the value of a header for their own origin.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions
  /** By origin, which is the first guess, and by origin and repository: not every host has one way for all. */
  readonly #ways = new Map<string, Way>()
  readonly #credentials = new Map<string, Promise<Credential | undefined>>()
  readonly #tokens = new Map<string, Promise<Held>>()
  /** Scopes that a server named beyond those that we knew to ask for, by origin and what we asked for. */
  readonly #named = new Map<string, readonly string[]>()

  constructor(options: AuthorizerOptions) {
    this.#options = options
  }

  /** What to send to this endpoint now; nothing when it has not asked. @throws E_CREDENTIALS, and as `fetchToken` */
  async authorization(endpoint: Endpoint, scopes: readonly string[], call: Call): Promise<Authorization> {
    const way = this.#ways.get(placeOf(endpoint)) ?? this.#ways.get(originOf(endpoint))
    if (way === undefined) return NOTHING
    const credential = await this.#credential(endpoint.credentialKey, call)
    if (credential?.kind === 'bearer') return { header: own(credential.token, endpoint), isFresh: true, way }
    if (way.kind === 'basic') {
      if (credential?.kind !== 'password') return NOTHING
      return { header: basicAuthorization(credential.username, credential.password), isFresh: true, way }
    }
    const held = await this.#token({ endpoint, way, credential, scopes }, call)
    const isFresh = !held.isTried
    held.isTried = true
    return { header: bearer(held.token.token), isFresh, way }
  }

  /**
   * Learns from a 401. True when it is worth asking again with what `authorization` gives now.
   * @throws E_AUTH_CHALLENGE, E_AUTH_REALM
   */
  async challenged(
    endpoint: Endpoint,
    answer: {
      readonly header: string | undefined
      readonly scopes: readonly string[]
      readonly used: Authorization
    },
    call: Call,
  ): Promise<boolean> {
    const { header, scopes, used } = answer
    const origin = originOf(endpoint)
    const { way, challenge } = chooseWay(parseChallenges(header ?? ''), {
      registry: new URL(endpoint.origin),
      redact: redactAuthorization(used.header),
    })
    for (const place of [origin, placeOf(endpoint)]) this.#ways.set(place, way)
    const credential = await this.#credential(endpoint.credentialKey, call)
    if (credential?.kind === 'bearer') return used.header === undefined
    const isAnother = used.header === undefined || !isSameWay(used.way, way)
    if (way.kind === 'basic') return isAnother && credential?.kind === 'password'
    const key = scopesKey(origin, scopes)
    const known = mergeScopes([...(this.#named.get(key) ?? []), ...scopes])
    const named = namedScopes(challenge)
    const isMore = mergeScopes([...known, ...named]).join(' ') !== known.join(' ')
    if (isMore) this.#named.set(key, [...named, ...(this.#named.get(key) ?? [])])
    if (isAnother || isMore) return true
    if (used.isFresh) return false
    // It was good once: expired early, or called back.
    await this.#drop(this.#tokenKey({ endpoint, way, scopes }), { used, call })
    return true
  }

  /** Forgets the token that was used, and not one that others have fetched since: answers may come late. */
  async #drop(key: string, { used, call }: { used: Authorization; call: Call }): Promise<void> {
    const known = this.#tokens.get(key)
    const held = await abortable(
      Promise.resolve(known).catch(() => undefined),
      call.signal,
    )
    const isUsed = held !== undefined && used.header === bearer(held.token.token)
    if (isUsed && this.#tokens.get(key) === known) this.#tokens.delete(key)
  }

  /** An identity token that a token server gave, where `offline` asked for one. */
  async identityToken(): Promise<string | undefined> {
    for (const held of this.#tokens.values()) {
      const { refreshToken } = (await held).token
      if (refreshToken !== undefined) return refreshToken
    }
    return undefined
  }

  #credential(key: string, call: Call): Promise<Credential | undefined> {
    let found = this.#credentials.get(key)
    if (found === undefined) {
      const { signal } = this.#options
      found = this.#options.credentials(key, signal === undefined ? {} : { signal })
      found.catch(() => this.#credentials.delete(key))
      this.#credentials.set(key, found)
    }
    return abortable(found, call.signal)
  }

  async #token(wanted: Wanted & { readonly credential: Credential | undefined }, call: Call): Promise<Held> {
    const { network } = this.#options
    const key = this.#tokenKey(wanted)
    const known = this.#tokens.get(key)
    if (known !== undefined) {
      const held = await abortable(known, call.signal)
      if (held.until > network.clock.now()) return held
      if (this.#tokens.get(key) === known) this.#tokens.delete(key)
    }
    let flight = this.#tokens.get(key)
    if (flight === undefined) {
      flight = this.#request(wanted, call)
      flight.catch(() => this.#tokens.delete(key))
      this.#tokens.set(key, flight)
    }
    return abortable(flight, call.signal)
  }

  async #request(
    wanted: Wanted & { readonly credential: Credential | undefined },
    call: Call,
  ): Promise<Held> {
    const { network, offline = false, signal } = this.#options
    const { endpoint, way, credential } = wanted
    const scopes = this.#scopes(wanted)
    const login = endpoint.credentialKey.split('/', 1)[0]!
    const tls = tlsFor(way.realm, endpoint)
    const request = { realm: way.realm, service: way.service, scopes, credential, offline, tls, login }
    // Others wait for it too, so this call's abort is not its end.
    const token = await fetchToken(request, network, call.withSignal(signal))
    const lifetime = token.lifetime * 1000
    return { token, until: network.clock.now() + lifetime - Math.min(MARGIN, lifetime / 10), isTried: false }
  }

  #scopes({ endpoint, scopes }: Pick<Wanted, 'endpoint' | 'scopes'>): string[] {
    return mergeScopes([...(this.#named.get(scopesKey(originOf(endpoint), scopes)) ?? []), ...scopes])
  }

  #tokenKey(wanted: Wanted): string {
    const { endpoint, way } = wanted
    const scopes = this.#scopes(wanted).sort()
    return JSON.stringify([way.realm.href, way.service, scopes, endpoint.credentialKey])
  }
}

interface Wanted {
  readonly endpoint: Endpoint
  readonly way: Way & { readonly kind: 'bearer' }
  readonly scopes: readonly string[]
}

/** A token that somebody wrote down may be anything. @throws E_CREDENTIALS for one that no header can have */
function own(token: string, { credentialKey }: Endpoint): string {
  if (isToken(token)) return bearer(token)
  throw new CooperageError('E_CREDENTIALS', `the bearer token for ${credentialKey} cannot be sent`, {
    hint: 'look for spaces, line breaks and letters that are not ASCII in it, or log in again',
    data: { server: credentialKey },
  })
}

function bearer(token: string): string {
  return `Bearer ${token}`
}

function originOf(endpoint: Endpoint): string {
  return new URL(endpoint.origin).origin
}

function placeOf(endpoint: Endpoint): string {
  return `${originOf(endpoint)} ${endpoint.repository}`
}

function isSameWay(a: Way | undefined, b: Way): boolean {
  if (a?.kind !== 'bearer' || b.kind !== 'bearer') return a?.kind === b.kind
  return a.realm.href === b.realm.href && a.service === b.service
}

function scopesKey(origin: string, scopes: readonly string[]): string {
  return [origin, ...scopes].join(' ')
}

/** A hostile list of scopes makes a long request, and that is all it may make. */
function namedScopes(challenge: Challenge): string[] {
  return (challenge.parameters.scope ?? '')
    .split(' ')
    .filter((scope) => scope !== '' && scope.length <= 500)
    .slice(0, 10)
}

function chooseWay(
  challenges: readonly Challenge[],
  { registry, redact }: { readonly registry: URL; readonly redact: Redact },
): { way: Way; challenge: Challenge } {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm)
  if (bearer !== undefined) {
    const realm = checkRealm(bearer.parameters.realm!, registry, redact)
    const { service } = bearer.parameters
    return { way: { kind: 'bearer', realm, ...(service && { service }) }, challenge: bearer }
  }
  const basic = challenges.find(({ scheme }) => scheme === 'basic')
  if (basic !== undefined) return { way: { kind: 'basic' }, challenge: basic }
  const offered = challenges.map(({ scheme }) => scheme).join(', ') || 'nothing'
  const problem = `wants to know who asks (401), but offers no way that is known here: ${redact(offered)}`
  throw registryError(
    'E_AUTH_CHALLENGE',
    { host: registry.host, problem: problem.slice(0, 300) },
    { hint: 'check that this is the address of a registry', data: { status: 401 } },
  )
}

/** What makes the registry's certificate good may make the token server's; a key of ours is for the registry alone. */
function tlsFor(realm: URL, { origin, tls }: Endpoint): EndpointTls | undefined {
  if (tls === undefined || realm.hostname === new URL(origin).hostname) return tls
  return tls.ca === undefined ? undefined : { ca: tls.ca }
}
