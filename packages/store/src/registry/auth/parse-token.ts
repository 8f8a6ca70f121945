import { isToken } from './is-token.js'

/** What a token server gives. */
export interface Token {
  /** Sent as `Bearer`. */
  readonly token: string
  /** In seconds from now. */
  readonly lifetime: number
  /** An identity token, where one was asked for. */
  readonly refreshToken?: string
}

/** Older clients know no `expires_in`; the specification gives them a minute, and no token less. */
const SHORTEST_LIFETIME = 60

/** Reads the answer of a token server; a string says what is wrong with it, without naming any of its content. */
export function parseToken(bytes: Uint8Array): Token | string {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return 'it is not JSON'
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return 'it is no object'
  const { token, access_token, expires_in, refresh_token } = document as Record<string, unknown>
  // A member without a value is written as null, or as an empty text, by servers that have one type for all answers.
  const given = isAbsent(token) ? access_token : token
  if (isAbsent(given)) return 'it has no token'
  if (!isToken(given)) return 'its token is not one'
  const lifetime = expires_in ?? SHORTEST_LIFETIME
  if (typeof lifetime !== 'number') return 'its expires_in is not a time'
  if (!isAbsent(refresh_token) && !isToken(refresh_token)) return 'its refresh_token is not one'
  return {
    token: given,
    lifetime: Math.max(SHORTEST_LIFETIME, Math.min(lifetime, 86_400)),
    ...(isToken(refresh_token) && { refreshToken: refresh_token }),
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}
