import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../image/json-value.js'
import { parseAuthDocument } from './auth-file.js'
import { nameOfKey } from './server-names.js'

/** What becomes of the entries of a server. */
export interface AuthEdit {
  /** Name of the file, for messages. */
  readonly file: string
  /** The key of the new entry. */
  readonly key: string
  /** Undefined: every entry of the server goes. */
  readonly entry: JsonObject | undefined
}

/**
 * The file with the entry in place, or gone, under every key that means the same server; all else stays as it was
 * written, down to numbers and unknown members, in the indentation that the file has (a tab where it has none, as
 * Docker). Undefined when nothing changes. @throws E_CREDENTIALS
 */
export function editAuthFile(bytes: Uint8Array, edit: AuthEdit): Uint8Array | undefined {
  const document = parseAuthDocument(bytes, edit.file)
  const auths = isJsonObject(document.auths) ? document.auths : {}
  const name = nameOfKey(edit.key)
  const kept = Object.entries(auths).filter(([key]) => nameOfKey(key) !== name || key === edit.key)
  const { entry } = edit
  const changed = kept.flatMap(([key, value]): [string, JsonValue][] => {
    if (key !== edit.key) return [[key, value]]
    return entry === undefined ? [] : [[key, { ...withoutCredential(value), ...entry }]]
  })
  if (entry !== undefined && !Object.hasOwn(auths, edit.key)) changed.push([edit.key, entry])
  const before = JSON.stringify(Object.entries(auths))
  if (before === JSON.stringify(changed)) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  const next: JsonObject = { ...document, auths: Object.fromEntries(changed) }
  const end = bytes.length === 0 || text.endsWith('\n') ? '\n' : ''
  return Buffer.from(format(next, `\n`, indentOf(text)) + end, 'utf8')
}

/** Of an entry, what is no credential, such as an e-mail address. */
function withoutCredential(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) return {}
  const secrets = new Set(['auth', 'username', 'password', 'identitytoken', 'registrytoken'])
  return Object.fromEntries(Object.entries(value).filter(([name]) => !secrets.has(name)))
}

function indentOf(text: string): string {
  return /^\s*\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? '\t'
}

function format(value: JsonValue, newline: string, indent: string): string {
  if (value instanceof JsonNumber) return value.text
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const isList = Array.isArray(value)
  const deeper = newline + indent
  const items = isList
    ? value.map((item) => format(item, deeper, indent))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${format(item, deeper, indent)}`)
  const [open, close] = isList ? '[]' : '{}'
  if (items.length === 0) return `${open}${close}`
  return `${open}${deeper}${items.join(`,${deeper}`)}${newline}${close}`
}
