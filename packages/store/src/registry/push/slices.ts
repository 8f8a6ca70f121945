import { CooperageError } from '../../errors.js'
import type { Descriptor } from '../../image/types.js'
import type { Content } from '../content.js'

/** Cuts a blob into the bodies of requests. What follows on the last body needs no new reading. */
export class Slices implements AsyncDisposable {
  readonly #content: Content
  readonly #descriptor: Descriptor
  readonly #options: { readonly signal?: AbortSignal; readonly transfer: boolean }
  #chunks: AsyncIterator<Uint8Array> | undefined
  #rest: Uint8Array = new Uint8Array(0)
  #at = 0
  /** Of the slice that counts: a request that is sent again asks for one while that of the first may not have ended. */
  #turn = 0
  #isUnderWay = false

  /** `transfer`: as `Content.read` takes it. */
  constructor(
    content: Content,
    descriptor: Descriptor,
    { signal, transfer }: { readonly signal: AbortSignal | undefined; readonly transfer: boolean },
  ) {
    this.#content = content
    this.#descriptor = descriptor
    this.#options = { transfer, ...(signal !== undefined && { signal }) }
  }

  /** Exactly these bytes; ends the slice before. @throws E_SIZE_MISMATCH when the content has less, or more at its end */
  async *slice(
    offset: number,
    length: number,
    onSent: (position: number) => void,
  ): AsyncGenerator<Uint8Array> {
    const turn = ++this.#turn
    const isOver = () => turn !== this.#turn
    try {
      const isReady = this.#chunks !== undefined && this.#at === offset && !this.#isUnderWay
      this.#isUnderWay = true
      const chunks = isReady ? this.#chunks! : await this.#open(offset)
      const end = offset + length
      while (!isOver() && this.#at < end) {
        if (this.#rest.byteLength === 0) {
          const next = await chunks.next()
          if (isOver()) return
          if (next.done) throw this.#wrongSize(this.#at)
          this.#rest = next.value
        }
        const chunk = this.#rest.subarray(0, end - this.#at)
        this.#rest = this.#rest.subarray(chunk.byteLength)
        this.#at += chunk.byteLength
        yield chunk
        if (!isOver()) onSent(this.#at)
      }
      if (isOver()) return
      // The last step of a reader tells whether all of it was right.
      if (end === this.#descriptor.size) await this.#finish(chunks)
      this.#isUnderWay = false
    } finally {
      // A request that ended early leaves the reading somewhere.
      if (!isOver() && this.#isUnderWay) await this[Symbol.asyncDispose]()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = undefined
    this.#rest = new Uint8Array(0)
    this.#isUnderWay = false
    await chunks?.return?.()
  }

  async #open(offset: number): Promise<AsyncIterator<Uint8Array>> {
    const before = this.#chunks
    const options = { offset, ...this.#options }
    const chunks = this.#content.read(this.#descriptor, options)[Symbol.asyncIterator]()
    this.#chunks = chunks
    this.#rest = new Uint8Array(0)
    this.#at = offset
    await before?.return?.()
    return chunks
  }

  async #finish(chunks: AsyncIterator<Uint8Array>): Promise<void> {
    if (this.#rest.byteLength > 0) throw this.#wrongSize(this.#at + this.#rest.byteLength)
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
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
