import { randomBytes } from 'node:crypto'
import type { RegistryAnswer } from './fault.js'

/** Who may do what. */
export type RegistryAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'token'
      readonly username: string
      readonly password: string
      /** Accepted as a refresh token, and given to whoever asks for one. */
      readonly identityToken?: string
      /** Anyone may pull. */
      readonly publicPull?: boolean
      /** In seconds. Default 300. */
      readonly lifetime?: number
      /** How tokens are given; the other way is answered with 405. Default: both. */
      readonly method?: 'GET' | 'POST'
      /** Where the challenge sends clients. Default: `/token` of this registry. */
      readonly realm?: string
    }

export interface AccessRequest {
  readonly repository: string
  readonly access: 'pull' | 'push'
}

interface Grant {
  readonly scopes: readonly string[]
  readonly until: number
}

/** Judges requests, and gives tokens where the registry works with them. */
export class RegistryAccess {
  readonly #auth: RegistryAuth
  readonly #grants = new Map<string, Grant>()

  constructor(auth: RegistryAuth) {
    this.#auth = auth
  }

  /** Forgets all tokens, as a server does that was restarted. */
  revoke(): void {
    this.#grants.clear()
  }

  /** Undefined when the request may pass. */
  refusal(
    authorization: string | undefined,
    wanted: AccessRequest | undefined,
    origin: string,
  ): RegistryAnswer | undefined {
    const auth = this.#auth
    if (auth.kind === 'none') return undefined
    if (auth.kind === 'basic') {
      return authorization === basic(auth) ? undefined : challenge('Basic realm="registry"')
    }
    const grant = this.#grants.get(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '')
    const scope =
      wanted && `repository:${wanted.repository}:${wanted.access === 'push' ? 'pull,push' : 'pull'}`
    const realm = auth.realm ?? `${origin}/token`
    const parameters = `realm="${realm}",service="loopback"${scope === undefined ? '' : `,scope="${scope}"`}`
    if (grant === undefined || grant.until < Date.now()) {
      return challenge(`Bearer ${parameters}${authorization === undefined ? '' : ',error="invalid_token"'}`)
    }
    if (wanted === undefined || covers(grant.scopes, wanted)) return undefined
    return challenge(`Bearer ${parameters},error="insufficient_scope"`)
  }

  /** The token server: GET with a query, or POST with a form. */
  token(method: string, parameters: URLSearchParams, authorization: string | undefined): RegistryAnswer {
    const auth = this.#auth
    if (auth.kind !== 'token') return { status: 404 }
    if (auth.method !== undefined && auth.method !== method) return { status: 405 }
    const user = method === 'GET' ? userOfGet(auth, authorization) : userOfPost(auth, parameters)
    if (user === 'wrong') return { status: 401, body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED' }] }) }
    const asked = method === 'GET' ? parameters.getAll('scope') : (parameters.get('scope') ?? '').split(' ')
    const scopes = user === 'known' ? asked : asked.flatMap((scope) => publicPart(auth, scope))
    const token = randomBytes(24).toString('hex')
    const lifetime = auth.lifetime ?? 300
    this.#grants.set(token, { scopes, until: Date.now() + lifetime * 1000 })
    const isOffline =
      parameters.get('offline_token') === 'true' || parameters.get('access_type') === 'offline'
    const refresh = isOffline && auth.identityToken !== undefined ? { refresh_token: auth.identityToken } : {}
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, expires_in: lifetime, ...refresh }),
    }
  }
}

type TokenAuth = RegistryAuth & { readonly kind: 'token' }

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function userOfGet(auth: TokenAuth, authorization: string | undefined): 'known' | 'anonymous' | 'wrong' {
  if (authorization === undefined) return 'anonymous'
  const isIdentity =
    auth.identityToken !== undefined &&
    authorization === basic({ username: '<token>', password: auth.identityToken })
  return authorization === basic(auth) || isIdentity ? 'known' : 'wrong'
}

function userOfPost(auth: TokenAuth, form: URLSearchParams): 'known' | 'wrong' {
  if (form.get('grant_type') === 'refresh_token') {
    return auth.identityToken !== undefined && form.get('refresh_token') === auth.identityToken
      ? 'known'
      : 'wrong'
  }
  return form.get('username') === auth.username && form.get('password') === auth.password ? 'known' : 'wrong'
}

function publicPart(auth: TokenAuth, scope: string): string[] {
  return auth.publicPull === true && /[:,]pull/.test(scope) ? [scope.replace(/:[^:]*$/, ':pull')] : []
}

function covers(scopes: readonly string[], { repository, access }: AccessRequest): boolean {
  return scopes.some((scope) => {
    const [, name, actions = ''] = scope.split(':')
    return name === repository && actions.split(',').includes(access)
  })
}

function challenge(header: string): RegistryAnswer {
  return {
    status: 401,
    headers: { 'www-authenticate': header, 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }),
  }
}
