import { createSign, randomUUID, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Issued } from './authority.js'
import { type Loopback, loopback } from './loopback.js'

export interface TokenServerOptions {
  readonly signer: Issued
  readonly service: string
  readonly issuer: string
  readonly username: string
  readonly password: string
}

/** Gives signed tokens that docker-registry believes, to one user; nobody else may do anything. */
export function tokenServer(options: TokenServerOptions): Promise<Loopback> {
  return loopback((request, response) => answer(request, response, options))
}

function answer(request: IncomingMessage, response: ServerResponse, options: TokenServerOptions): void {
  const { username, password } = options
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const { authorization } = request.headers
  if (authorization !== undefined && authorization !== wanted) {
    response.writeHead(401).end()
    return
  }
  const { searchParams } = new URL(request.url ?? '/', 'http://x')
  const access = searchParams.getAll('scope').map((scope) => {
    const [type, name, actions = ''] = scope.split(':')
    return { type, name, actions: authorization === undefined ? [] : actions.split(',') }
  })
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ token: signed(access, options), expires_in: 300 }))
}

/** RFC 7519, RS256, with its certificate along. */
function signed(
  access: readonly object[],
  { signer, service, issuer, username }: TokenServerOptions,
): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'RS256', x5c: [new X509Certificate(signer.cert).raw.toString('base64')] }
  const times = { iat: now, nbf: now - 10, exp: now + 300 }
  const claims = { iss: issuer, sub: username, aud: service, jti: randomUUID(), ...times, access }
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(signer.key, 'base64url')}`
}
