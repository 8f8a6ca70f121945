import { type CooperageError, isCooperageError } from '../../errors.js'
import { basicAuthorization } from '../../http/basic-authorization.js'
import { redirectTarget } from '../../http/redirect-target.js'
import type { TransportResponse } from '../../http/transport.js'
import type { Credential } from '../credential.js'
import type { EndpointTls } from '../endpoint.js'
import type { Call } from '../transport/call.js'
import { checkEncoding } from '../transport/check-encoding.js'
import type { Network } from '../transport/network.js'
import { readBody } from '../transport/read-body.js'
import { redactAuthorization } from '../transport/redact.js'
import { registryError } from '../transport/registry-error.js'
import { statusError } from '../transport/status-error.js'
import { parseToken, type Token } from './parse-token.js'

export interface TokenRequest {
  readonly realm: URL
  readonly service: string | undefined
  readonly scopes: readonly string[]
  readonly credential: Credential | undefined
  /** Ask for an identity token as well. */
  readonly offline: boolean
  readonly tls: EndpointTls | undefined
  /** What to log in to. */
  readonly login: string
}

const TOKEN_LIMIT = 1 << 20
const CLIENT = 'cooperage'
/** What servers answer that know only one of the two ways to ask. */
const OTHER_WAY = new Set([400, 401, 404, 405])

/**
 * Asks a token server. An identity token is sent by POST, as OAuth 2 wants it, and by GET to a server that does not
 * know this; a password the other way round. @throws E_AUTH_TOKEN, E_REG_DENIED and what any request throws
 */
export async function fetchToken(request: TokenRequest, network: Network, call: Call): Promise<Token> {
  const { credential } = request
  const ways = credential?.kind === 'identity' ? [byPost, byGet] : [byGet, byPost]
  try {
    return await attempt(ways[0]!, request, { network, call })
  } catch (error) {
    const status = isCooperageError(error) ? Number(error.data.status) : 0
    // A server that knows GET has judged the password.
    const mayAskAgain =
      credential?.kind === 'identity' ? OTHER_WAY.has(status) : status === 404 || status === 405
    if (credential === undefined || !mayAskAgain) throw error
    try {
      return await attempt(ways[1]!, request, { network, call })
    } catch (second) {
      // What the right way said is what helps.
      throw isCooperageError(second) && OTHER_WAY.has(Number(second.data.status)) ? error : second
    }
  }
}

interface Context {
  readonly network: Network
  readonly call: Call
}

type Ask = (request: TokenRequest, network: Network, call: Call) => Promise<TransportResponse>

/** Once: the request that wants the token is tried again as a whole. */
async function attempt(ask: Ask, request: TokenRequest, { network, call }: Context): Promise<Token> {
  const { realm, login } = request
  const asked = `token for ${login}`
  const { host } = realm
  // The form of a POST holds what the header of a GET does.
  const redact = redactAuthorization(basicOf(request.credential))
  const response = await ask(request, network, call)
  if (response.status !== 200) {
    const now = network.clock.now()
    throw await statusError(response, { host, asked, login, otherwise: 'E_AUTH_TOKEN', now, redact })
  }
  checkEncoding(response, { host, asked, redact })
  const token = parseToken(
    await readBody(response, { limit: TOKEN_LIMIT, host, what: `the ${asked}`, code: 'E_AUTH_TOKEN' }),
  )
  if (typeof token !== 'string') return token
  const problem = `the answer of the token server of ${login} cannot be used: ${token}`
  throw registryError('E_AUTH_TOKEN', { host, problem })
}

/** distribution, "Token Authentication Specification". */
async function byGet(request: TokenRequest, network: Network, call: Call): Promise<TransportResponse> {
  const { realm, service, scopes, credential, offline, tls } = request
  let url = new URL(realm)
  if (service !== undefined) url.searchParams.append('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (credential?.kind === 'password') url.searchParams.append('account', credential.username)
  if (offline) {
    url.searchParams.append('offline_token', 'true')
    url.searchParams.append('client_id', CLIENT)
  }
  const authorization = basicOf(credential)
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) }
  const { signal } = call
  for (let hops = 0; ; hops++) {
    const response = await network.send(
      { method: 'GET', url, headers, ...(tls && { tls }), ...(signal && { signal }) },
      `token for ${request.login}`,
    )
    const next = redirectTarget(url, response, hops)
    if (next.kind === 'none') return response
    response.discard()
    if (next.kind === 'refuse' || next.url.origin !== realm.origin) {
      throw strayed(realm, next.kind === 'refuse' ? next.target : next.url.origin)
    }
    url = next.url
  }
}

/** RFC 6749, 4.3 and 6, as distribution's "OAuth2 Token Authentication" uses them. */
async function byPost(request: TokenRequest, network: Network, call: Call): Promise<TransportResponse> {
  const { realm, service, scopes, credential, offline, tls } = request
  const form = new URLSearchParams()
  if (credential?.kind === 'identity') {
    form.append('grant_type', 'refresh_token')
    form.append('refresh_token', credential.token)
  } else if (credential?.kind === 'password') {
    form.append('grant_type', 'password')
    form.append('username', credential.username)
    form.append('password', credential.password)
  }
  if (service !== undefined) form.append('service', service)
  form.append('client_id', CLIENT)
  if (scopes.length > 0) form.append('scope', scopes.join(' '))
  if (offline) form.append('access_type', 'offline')
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  const body = Buffer.from(form.toString())
  const { signal } = call
  const response = await network.send(
    { method: 'POST', url: realm, headers, body, ...(tls && { tls }), ...(signal && { signal }) },
    `token for ${request.login}`,
  )
  const next = redirectTarget(realm, response, 0)
  if (next.kind === 'none') return response
  response.discard()
  // The form holds the secret.
  throw strayed(realm, next.kind === 'refuse' ? next.target : next.url.origin)
}

function basicOf(credential: Credential | undefined): string | undefined {
  if (credential?.kind === 'password') return basicAuthorization(credential.username, credential.password)
  if (credential?.kind !== 'identity') return undefined
  return basicAuthorization(credential.username ?? '<token>', credential.token)
}

function strayed(realm: URL, target: string): CooperageError {
  return registryError(
    'E_AUTH_REALM',
    { host: realm.host, problem: `the token server redirects to ${target}, which credentials do not follow` },
    { data: { realm: realm.origin, target } },
  )
}
