import { CooperageError, type ErrorCode } from '../errors.js'
import { JsonNumber, type JsonObject, type JsonValue } from './json-value.js'

export interface ParseJsonOptions {
  /** What the bytes are, for messages: `manifest`, `config`, `index.json`… */
  readonly what: string
  /** Code of the error for text that is not JSON. */
  readonly code: ErrorCode
  /** In bytes; default 4 MiB, what registries and their clients agree on for manifests. */
  readonly limit?: number
}

/** 4 MiB. */
export const JSON_LIMIT: number = 4 * 1024 * 1024

/** Far more than any image document needs, and far less than the stack bears. */
const MAX_DEPTH = 128

/**
 * Reads JSON that strangers wrote, as I-JSON (RFC 7493) asks: UTF-8 without a byte order mark, and no object with
 * two members of one name, since readers disagree on which of them counts. Numbers that are not whole or not safe
 * become {@link JsonNumber}. Unpaired surrogates become U+FFFD, as in Go.
 *
 * @throws E_LIMIT for more bytes than the limit; E_MANIFEST_AMBIGUOUS for a repeated name; else `options.code`.
 */
export function parseJson(bytes: Uint8Array, options: ParseJsonOptions): JsonValue {
  const limit = options.limit ?? JSON_LIMIT
  if (bytes.length > limit) {
    throw new CooperageError('E_LIMIT', `${options.what} has ${bytes.length} bytes, more than ${limit}`, {
      data: { limit, found: bytes.length },
    })
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CooperageError(options.code, `${options.what} is not UTF-8`, { cause })
  }
  return new Parser(text, options).document()
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const PLAIN = /[^"\\\x00-\x1f]*/y
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Parser {
  readonly #text: string
  readonly #options: ParseJsonOptions
  #at = 0
  #depth = 0

  constructor(text: string, options: ParseJsonOptions) {
    this.#text = text
    this.#options = options
  }

  document(): JsonValue {
    const value = this.#value()
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('text after the end')
    return value
  }

  #error(why: string): CooperageError {
    const { code, what } = this.#options
    return new CooperageError(code, `${what} is not valid JSON: ${why} at character ${this.#at}`, {
      data: { offset: this.#at },
    })
  }

  #space(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return
      this.#at++
    }
  }

  #value(): JsonValue {
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object())
      case '[':
        return this.#nested(() => this.#array())
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      case undefined:
        throw this.#error('it ends too early')
      default:
        return this.#number()
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`more than ${MAX_DEPTH} levels`)
    this.#at++
    const value = read()
    this.#depth--
    return value
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('unexpected text')
    this.#at += word.length
    return value
  }

  #number(): number | JsonNumber {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (!match) throw this.#error('unexpected text')
    this.#at = NUMBER.lastIndex
    const literal = match[0]
    const value = Number(literal)
    const whole = match[1] === undefined && match[2] === undefined
    return whole && Number.isSafeInteger(value) && literal !== '-0' ? value : new JsonNumber(literal)
  }

  #string(): string {
    let result = ''
    this.#at++
    for (;;) {
      PLAIN.lastIndex = this.#at
      PLAIN.exec(this.#text)
      result += this.#text.slice(this.#at, PLAIN.lastIndex)
      this.#at = PLAIN.lastIndex
      const c = this.#text[this.#at]
      if (c === '"') break
      if (c !== '\\') throw this.#error(c === undefined ? 'a string without an end' : 'a control character')
      result += this.#escape()
    }
    this.#at++
    return result.replace(LONE_SURROGATE, '\ufffd')
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? ''
    if (letter === 'u') {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('a broken escape')
      this.#at += 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const escaped = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (escaped === undefined) throw this.#error('a broken escape')
    this.#at += 2
    return escaped
  }

  #array(): JsonValue[] {
    const items: JsonValue[] = []
    this.#space()
    if (this.#text[this.#at] === ']') {
      this.#at++
      return items
    }
    for (;;) {
      items.push(this.#value())
      if (this.#separator(']')) return items
    }
  }

  #object(): JsonObject {
    const members: JsonObject = {}
    this.#space()
    if (this.#text[this.#at] === '}') {
      this.#at++
      return members
    }
    for (;;) {
      this.#space()
      if (this.#text[this.#at] !== '"') throw this.#error('a name was expected')
      const name = this.#string()
      if (Object.hasOwn(members, name)) {
        throw new CooperageError(
          'E_MANIFEST_AMBIGUOUS',
          `${this.#options.what} has the name ${JSON.stringify(name).slice(0, 100)} twice in one object`,
          { data: { name: name.slice(0, 100), offset: this.#at } },
        )
      }
      this.#space()
      if (this.#text[this.#at] !== ':') throw this.#error('":" was expected')
      this.#at++
      setMember(members, name, this.#value())
      if (this.#separator('}')) return members
    }
  }

  /** True at the closing bracket, false after a comma. */
  #separator(close: string): boolean {
    this.#space()
    const c = this.#text[this.#at]
    if (c !== close && c !== ',')
      throw this.#error(c === undefined ? 'it ends too early' : `"," or "${close}" was expected`)
    this.#at++
    return c === close
  }
}

/** Assigning to `__proto__` would change the prototype instead of adding a member. */
function setMember(members: JsonObject, name: string, value: JsonValue): void {
  if (name === '__proto__') {
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    members[name] = value
  }
}
