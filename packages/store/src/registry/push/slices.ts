import { CooperageError } from '../../errors.js'
import type { Descriptor } from '../../image/types.js'
import type { Content } from '../content.js'

/** Cuts a blob into the bodies of requests. What follows on the last body needs no new reading. */
export class Slices implements AsyncDisposable {
  readonly #content: Content
  readonly #descriptor: Descriptor
  readonly #signal: AbortSignal | undefined
  #chunks: AsyncIterator<Uint8Array> | undefined
  #rest: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(content: Content, descriptor: Descriptor, signal: AbortSignal | undefined) {
    this.#content = content
    this.#descriptor = descriptor
    this.#signal = signal
  }

  /** Exactly these bytes. One slice at a time. @throws E_SIZE_MISMATCH when the content has less, or more at its end */
  async *slice(
    offset: number,
    length: number,
    onSent: (position: number) => void,
  ): AsyncGenerator<Uint8Array> {
    let isWhole = false
    try {
      if (this.#chunks === undefined || this.#at !== offset) await this.#open(offset)
      const end = offset + length
      while (this.#at < end) {
        if (this.#rest.byteLength === 0) await this.#fill()
        const chunk = this.#rest.subarray(0, end - this.#at)
        this.#rest = this.#rest.subarray(chunk.byteLength)
        this.#at += chunk.byteLength
        yield chunk
        onSent(this.#at)
      }
      // The last step of a reader tells whether all of it was right.
      if (end === this.#descriptor.size) await this.#finish()
      isWhole = true
    } finally {
      // A request that ended early leaves the reading somewhere.
      if (!isWhole) await this[Symbol.asyncDispose]()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = undefined
    this.#rest = new Uint8Array(0)
    await chunks?.return?.()
  }

  async #open(offset: number): Promise<void> {
    await this[Symbol.asyncDispose]()
    const signal = this.#signal === undefined ? {} : { signal: this.#signal }
    this.#chunks = this.#content.read(this.#descriptor, { offset, ...signal })[Symbol.asyncIterator]()
    this.#at = offset
  }

  async #fill(): Promise<void> {
    const next = await this.#chunks!.next()
    if (next.done) throw this.#wrongSize(this.#at)
    this.#rest = next.value
  }

  async #finish(): Promise<void> {
    if (this.#rest.byteLength > 0) throw this.#wrongSize(this.#at + this.#rest.byteLength)
    for (let next = await this.#chunks!.next(); !next.done; next = await this.#chunks!.next()) {
      if (next.value.byteLength > 0) throw this.#wrongSize(this.#at + next.value.byteLength)
    }
    this.#chunks = undefined
  }

  #wrongSize(found: number): CooperageError {
    const { digest, size: expected } = this.#descriptor
    return new CooperageError(
      'E_SIZE_MISMATCH',
      `${digest} has ${found} bytes, its descriptor says ${expected}`,
      {
        data: { digest, expected, found },
      },
    )
  }
}
