import { CooperageError, type ErrorCode } from '../errors.js'
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from './json-value.js'

/**
 * A place in a JSON document, for narrow parsers: each reading says what it expects, and fails with the path.
 * `null` counts as absent, as the specification asks of readers.
 */
export class JsonCursor {
  readonly #value: JsonValue | undefined
  readonly #code: ErrorCode
  /** Such as `manifest.layers[2].size`. */
  readonly path: string

  constructor(value: JsonValue | undefined, path: string, code: ErrorCode) {
    this.#value = value
    this.path = path
    this.#code = code
  }

  get present(): boolean {
    return this.#value !== undefined && this.#value !== null
  }

  fail(problem: string): CooperageError {
    return new CooperageError(this.#code, `${this.path} ${problem}`, { data: { path: this.path } })
  }

  #mismatch(expected: string): CooperageError {
    if (!this.present) return this.fail(`is missing: ${expected} was expected`)
    return this.fail(`is ${describe(this.#value as JsonValue)}: ${expected} was expected`)
  }

  object(): JsonObject {
    if (!isJsonObject(this.#value)) throw this.#mismatch('an object')
    return this.#value
  }

  member(name: string): JsonCursor {
    const object = this.object()
    return new JsonCursor(
      Object.hasOwn(object, name) ? object[name] : undefined,
      `${this.path}.${name}`,
      this.#code,
    )
  }

  /**
   * Go matches names without regard to case, so `Layers` beside or instead of `layers` would be read there and
   * ignored here: one document, two images.
   * @throws E_MANIFEST_AMBIGUOUS for a name that differs from a known one by case alone.
   */
  refuseCaseVariants(known: readonly string[]): void {
    const folded = new Map(known.map((name) => [name.toLowerCase(), name]))
    for (const name of Object.keys(this.object())) {
      // Upper case first: it maps U+017F to S, and then U+212A goes to k, the two odd folds of Go.
      const match = folded.get(name.toUpperCase().toLowerCase())
      if (match !== undefined && match !== name) {
        throw new CooperageError(
          'E_MANIFEST_AMBIGUOUS',
          `${this.path} has a field ${JSON.stringify(name)}, which some readers take for "${match}"`,
          { data: { path: this.path, name } },
        )
      }
    }
  }

  string(): string {
    if (typeof this.#value !== 'string') throw this.#mismatch('a string')
    return this.#value
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') throw this.#mismatch('true or false')
    return this.#value
  }

  /** A whole number from `min` to 2^53-1, written without fraction and exponent. */
  integer(min: number): number {
    if (typeof this.#value !== 'number') throw this.#mismatch('a whole number')
    if (this.#value < min) throw this.fail(`is ${this.#value}: at least ${min} was expected`)
    return this.#value
  }

  /** The same, up to 2^63-1: a bigint where a number would lose some. */
  wholeNumber(min: number): number | bigint {
    const large = this.#value instanceof JsonNumber && /^\d{16,19}$/.test(this.#value.text)
    const value = large ? BigInt((this.#value as JsonNumber).text) : 0n
    return value !== 0n && value < 1n << 63n ? value : this.integer(min)
  }

  list(): JsonCursor[] {
    if (!Array.isArray(this.#value)) throw this.#mismatch('a list')
    return this.#value.map((item, index) => new JsonCursor(item, `${this.path}[${index}]`, this.#code))
  }

  /** A list, where Go writes `null` for one without entries: BuildKit does so for an image without layers. */
  listOrNull(): JsonCursor[] {
    return this.#value === null ? [] : this.list()
  }

  strings(): string[] {
    return this.list().map((item) => item.string())
  }

  /** A map of strings to strings. */
  stringMap(): Record<string, string> {
    return this.map((item) => item.string())
  }

  /** Every member through `read`, names kept. */
  map<T>(read: (item: JsonCursor) => T): Record<string, T> {
    const entries = Object.entries(this.object())
    return Object.fromEntries(
      entries.map(([name, value]) => [
        name,
        read(new JsonCursor(value, `${this.path}[${JSON.stringify(name)}]`, this.#code)),
      ]),
    )
  }
}

function describe(value: JsonValue): string {
  if (Array.isArray(value)) return 'a list'
  if (isJsonObject(value)) return 'an object'
  if (value instanceof JsonNumber) return `the number ${value.text.slice(0, 40)}`
  return typeof value === 'string' ? 'a string' : JSON.stringify(value)
}
