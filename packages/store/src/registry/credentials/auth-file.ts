import { CooperageError, isCooperageError } from '../../errors.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../image/json-value.js'
import { parseJson } from '../../image/parse-json.js'

/** What `config.json` of Docker and `auth.json` of podman say about credentials. */
export interface AuthFile {
  /** Where it came from, for messages. */
  readonly name: string
  /** By their keys as written: hosts, repositories, URLs. */
  readonly auths: ReadonlyMap<string, JsonObject>
  /** Program for a host; an empty one means the file itself. */
  readonly credHelpers: ReadonlyMap<string, string>
  /** Program for all other hosts. */
  readonly credsStore?: string
}

/** Reads the members that are about credentials, and no others. An empty file says nothing. @throws E_CREDENTIALS */
export function parseAuthFile(bytes: Uint8Array, name: string): AuthFile {
  const document = parseAuthDocument(bytes, name)
  const auths = new Map<string, JsonObject>()
  for (const [key, value] of Object.entries(member(document, 'auths', name))) {
    if (value !== null && !isJsonObject(value)) throw malformed(name, `auths[${quoted(key)}] is no object`)
    auths.set(key, value ?? {})
  }
  const credHelpers = new Map<string, string>()
  for (const [key, value] of Object.entries(member(document, 'credHelpers', name))) {
    if (typeof value !== 'string') throw malformed(name, `credHelpers[${quoted(key)}] is no text`)
    credHelpers.set(key, value)
  }
  const credsStore = Object.hasOwn(document, 'credsStore') ? document.credsStore : undefined
  if (credsStore !== undefined && credsStore !== null && typeof credsStore !== 'string') {
    throw malformed(name, 'credsStore is no text')
  }
  return { name, auths, credHelpers, ...(credsStore && { credsStore }) }
}

/** The whole document. @throws E_CREDENTIALS @internal */
export function parseAuthDocument(bytes: Uint8Array, name: string): JsonObject {
  if (bytes.length === 0) return {}
  let document: JsonValue
  try {
    document = parseJson(bytes, { what: name, code: 'E_CREDENTIALS' })
  } catch (error) {
    // Its messages say where, and quote nothing but a name.
    if (!isCooperageError(error)) throw error
    throw new CooperageError('E_CREDENTIALS', error.message, { data: error.data, hint: HINT })
  }
  if (!isJsonObject(document)) throw malformed(name, 'is no JSON object')
  return document
}

function member(document: JsonObject, key: string, name: string): JsonObject {
  const value = Object.hasOwn(document, key) ? document[key] : undefined
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw malformed(name, `${key} is no object`)
  return value
}

const HINT = 'mend the file by hand, or move it away and log in again'

function malformed(name: string, problem: string): CooperageError {
  return new CooperageError('E_CREDENTIALS', `${name}: ${problem}`, { hint: HINT, data: { file: name } })
}

function quoted(key: string): string {
  return JSON.stringify(key.slice(0, 200))
}
