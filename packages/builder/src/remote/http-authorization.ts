import { headerValue } from '../secrets/header-value.js'
import type { SecretSource } from '../secrets/secret-source.js'

/** What a server is told of who asks. */
export interface HttpAuthorization {
  /** The id of the secret: it may be shown. */
  readonly secret: string
  /** The value of the header: it may not. */
  readonly header: string
}

/**
 * The secret that is meant for a server, as BuildKit names them: `HTTP_AUTH_TOKEN_<host>` is sent as a bearer token,
 * `HTTP_AUTH_HEADER_<host>` as it is; where there are both, the token. The host has no port.
 * @throws E_SECRET_VALUE, and what reading a secret throws
 */
export async function httpAuthorization(
  url: URL,
  secrets: SecretSource,
  signal: AbortSignal,
): Promise<HttpAuthorization | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  for (const [kind, prefix] of KINDS) {
    const secret = `HTTP_AUTH_${kind}_${host}`
    const bytes = await secrets.get(secret, signal)
    const value = bytes && headerValue(secret, bytes)
    if (value !== undefined) return { secret, header: prefix + value }
  }
  return undefined
}

const KINDS = [
  ['TOKEN', 'Bearer '],
  ['HEADER', ''],
] as const
