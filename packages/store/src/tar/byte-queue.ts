const NOTHING: Buffer = Buffer.alloc(0)

/** Takes a stream of chunks apart into pieces of any length. Holds one chunk, or one piece that spans several. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal | undefined
  #chunk: Buffer = NOTHING
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
    this.#chunks = source[Symbol.asyncIterator]()
    this.#signal = signal
  }

  /** `length` bytes without waiting, or undefined when they are not here yet. A view, good until the next call. */
  takeNow(length: number): Buffer | undefined {
    if (this.#chunk.length < length) return undefined
    const taken = this.#chunk.subarray(0, length)
    this.#chunk = this.#chunk.subarray(length)
    return taken
  }

  /** `length` bytes, fewer only at the end of the stream. Good until the next call. */
  async take(length: number): Promise<Buffer> {
    const now = this.takeNow(length)
    if (now !== undefined) return now
    // Chunks belong to the source again once the next is asked for, and `length` may be more than will ever come.
    const parts: Buffer[] = []
    let have = 0
    while (have < length) {
      const part = await this.some(length - have)
      if (part === undefined) break
      parts.push(Buffer.from(part))
      have += part.length
    }
    return Buffer.concat(parts, have)
  }

  /** As many bytes as are here, at most `limit`; waits for the next chunk when there are none. Undefined at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    while (this.#chunk.length === 0) {
      if (this.#ended) return undefined
      this.#signal?.throwIfAborted()
      const { done, value } = await this.#chunks.next()
      if (done) this.#ended = true
      else this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    return this.takeNow(Math.min(limit, this.#chunk.length))
  }

  /** Passes over `length` bytes; how many there were. */
  async skip(length: number): Promise<number> {
    let skipped = 0
    while (skipped < length) {
      const part = await this.some(length - skipped)
      if (part === undefined) break
      skipped += part.length
    }
    return skipped
  }

  /** Lets the source go; one that was not read to its end is told so. */
  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#chunk = NOTHING
    await this.#chunks.return?.()
  }
}
