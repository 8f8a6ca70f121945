import { JsonNumber } from './json-value.js'

/**
 * JSON as Go's `encoding/json` writes it, so that our documents have the digests BuildKit's have: `< > &` and the
 * separators U+2028 and U+2029 escaped, no space (or two spaces a level with `indent`, as `json.MarshalIndent`), no
 * final newline. Members keep the order in which they are given (a `Map` does so for every name, an object not for
 * names that look like array indices), members that are `undefined` are left out. Numbers must be whole.
 */
export function goJson(value: unknown, options: { readonly indent?: boolean } = {}): string {
  return write(value, options.indent ? '\n' : undefined)
}

/** Members sorted by the bytes of their names, as Go writes a map; undefined stays undefined. */
export function goMap<T>(record: Readonly<Record<string, T>>): Map<string, T>
export function goMap<T>(record: Readonly<Record<string, T>> | undefined): Map<string, T> | undefined
export function goMap<T>(record: Readonly<Record<string, T>> | undefined): Map<string, T> | undefined {
  return record && new Map(Object.entries(record).sort(([a], [b]) => compareUtf8(a, b)))
}

/** Order of the UTF-8 bytes, which is not the order of UTF-16 units that `<` uses. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function write(value: unknown, newline: string | undefined): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return goString(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`)
    return String(value)
  }
  if (typeof value === 'bigint') return String(value)
  if (value instanceof JsonNumber) return value.text
  const deeper = newline === undefined ? undefined : `${newline}  `
  if (Array.isArray(value)) {
    return wrap(
      '[]',
      value.map((item) => write(item, deeper)),
      newline,
    )
  }
  if (typeof value !== 'object') throw new TypeError(`not a value of JSON: ${typeof value}`)
  const colon = newline === undefined ? ':' : ': '
  const members: string[] = []
  for (const [name, member] of value instanceof Map ? value : Object.entries(value)) {
    if (member !== undefined) members.push(goString(name) + colon + write(member, deeper))
  }
  return wrap('{}', members, newline)
}

function wrap(brackets: string, items: readonly string[], newline: string | undefined): string {
  if (items.length === 0) return brackets
  if (newline === undefined) return brackets[0] + items.join(',') + brackets[1]
  const inner = `${newline}  `
  return brackets[0] + inner + items.join(`,${inner}`) + newline + brackets[1]
}

const LONE_SURROGATE = /\\ud[89a-f][0-9a-f]{2}/g

function goString(text: string): string {
  return JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(LONE_SURROGATE, (unit, offset: number, whole: string) => {
      // A backslash before it that is itself escaped makes this ordinary text.
      let backslashes = 0
      while (whole[offset - 1 - backslashes] === '\\') backslashes++
      return backslashes % 2 === 0 ? '\\ufffd' : unit
    })
}
