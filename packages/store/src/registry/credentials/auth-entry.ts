import { CooperageError } from '../../errors.js'
import type { JsonObject } from '../../image/json-value.js'
import { isToken } from '../auth/is-token.js'
import type { Credential } from '../credential.js'

/** Where an entry was found, for messages. */
export interface EntryPlace {
  readonly file: string
  readonly key: string
}

/**
 * The credential of an entry below `auths`; undefined for one that holds none, as the marks are that Docker leaves
 * beside a helper. @throws E_CREDENTIALS
 */
export function decodeAuthEntry(entry: JsonObject, place: EntryPlace): Credential | undefined {
  const text = (name: string) => textOf(entry, name, place)
  const { username, password } = userAndPassword(text, place)
  const bearer = text('registrytoken')
  if (bearer !== '' && !isToken(bearer)) throw malformed(place, 'registrytoken is no token')
  if (bearer !== '') return { kind: 'bearer', token: bearer }
  const identity = text('identitytoken')
  if (identity !== '') return { kind: 'identity', ...(username !== '' && { username }), token: identity }
  if (username === '' && password === '') return undefined
  return { kind: 'password', username, password }
}

/** The members that an entry has for a credential, as `docker login` writes them. */
export function encodeAuthEntry(credential: Credential): JsonObject {
  switch (credential.kind) {
    case 'bearer':
      return { registrytoken: credential.token }
    case 'identity':
      return { auth: base64(`${credential.username ?? ''}:`), identitytoken: credential.token }
    case 'password':
      return { auth: base64(`${credential.username}:${credential.password}`) }
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

function userAndPassword(
  text: (name: string) => string,
  place: EntryPlace,
): { readonly username: string; readonly password: string } {
  // `base64` breaks long lines, and Go, which decodes it for other tools, passes line breaks over.
  const auth = text('auth').replace(/[\r\n]/g, '')
  if (auth === '') return { username: text('username'), password: text('password') }
  if (!BASE64.test(auth)) throw malformed(place, 'auth is not base64')
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 0) throw malformed(place, 'auth holds no "user:password"')
  // Some tools pad what they encode with zero bytes.
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/^\0+|\0+$/g, '') }
}

function textOf(entry: JsonObject, name: string, place: EntryPlace): string {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw malformed(place, `${name} is no text`)
  return value
}

function malformed({ file, key }: EntryPlace, problem: string): CooperageError {
  return new CooperageError(
    'E_CREDENTIALS',
    `${file}: the entry for ${key.slice(0, 200)} is malformed: ${problem}`,
    { hint: `log in again: cooper login ${key.slice(0, 200)}`, data: { file, key: key.slice(0, 200) } },
  )
}
