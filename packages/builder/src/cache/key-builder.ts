import { createHash, type Hash } from 'node:crypto'
import type { Digest } from '@cooperage/store'

type Value = string | number | boolean | Uint8Array | undefined | readonly string[]

/**
 * A cache key: the digest of named fields. Every name and value is preceded by its length and kind, so that no two
 * different lists of fields give the same bytes.
 */
export class KeyBuilder {
  readonly #hash: Hash = createHash('sha256')

  /** `version` changes when the meaning of a field does: old records are then no longer found. */
  constructor(kind: string, version: number) {
    this.field('kind', kind).field('version', version)
  }

  field(name: string, value: Value): this {
    this.#bytes('n', Buffer.from(name))
    if (value === undefined) this.#hash.update('u;')
    else if (value instanceof Uint8Array) this.#bytes('b', value)
    else if (typeof value === 'string') this.#bytes('s', Buffer.from(value))
    else if (typeof value === 'object') {
      this.#hash.update(`l${value.length}:`)
      for (const item of value) this.#bytes('s', Buffer.from(item))
    } else this.#bytes('j', Buffer.from(JSON.stringify(value)))
    return this
  }

  /** Ends the key; may be called once. */
  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}`
  }

  #bytes(kind: string, bytes: Uint8Array): void {
    this.#hash.update(`${kind}${bytes.length}:`)
    this.#hash.update(bytes)
  }
}
