import { createHash, type Hash, hash } from 'node:crypto'
import { CooperageError } from './errors.js'

/** `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128 (image-spec, descriptor.md, "Digests"). */
export type Digest = `sha256:${string}` | `sha512:${string}`

const SHAPE = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && SHAPE.test(text)
}

/** @throws E_DIGEST when the text is not a digest of a known algorithm and length. */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text
  throw new CooperageError('E_DIGEST', `not a digest: ${JSON.stringify(text)?.slice(0, 100)}`, {
    hint: 'a digest is "sha256:" followed by 64 lower-case hexadecimal digits',
  })
}

export function digestAlgorithm(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

/** The part after the colon. */
export function digestHex(digest: Digest): string {
  return digest.slice(7)
}

/** The sha256 digest of these bytes, or of this text in UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}`
}

/** A digest computed while bytes pass by. */
export class Digester {
  readonly #hash: Hash
  readonly #algorithm: 'sha256' | 'sha512'
  constructor(algorithm: 'sha256' | 'sha512' = 'sha256') {
    this.#algorithm = algorithm
    this.#hash = createHash(algorithm)
  }
  update(bytes: Uint8Array): this {
    this.#hash.update(bytes)
    return this
  }
  /** Ends the computation; may be called once. */
  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest('hex')}` as Digest
  }
}
