import { encodeTarEntry, encodeTarEntryInto } from '../tar/encode-entry.js'
import type { TarEntry } from '../tar/entry.js'
import type { LayerSink } from './layer-sink.js'

const CHUNK = 1 << 20

/**
 * Gathers headers and contents into chunks that the writer can take over whole. Gathering never waits: an archive of
 * small files has so many parts that a promise for each would cost more than they. Whoever gathers flushes when full.
 */
export class ChunkBuffer {
  readonly #writer: LayerSink
  /** Chunks that wait for the writer. */
  readonly #full: Buffer[] = []
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK)
  #used = 0
  /** Bytes given to the writer. */
  written = 0

  constructor(writer: LayerSink) {
    this.#writer = writer
  }

  /** Bytes framed so far, written or not. */
  get position(): number {
    return this.written + this.#full.length * CHUNK + this.#used
  }

  /** Time for a `flush`. */
  get full(): boolean {
    return this.#full.length > 0 || this.#used === CHUNK
  }

  frame(entry: TarEntry): void {
    const written = encodeTarEntryInto(entry, this.#chunk, this.#used)
    if (written > 0) this.#used += written
    else this.append(encodeTarEntry(entry))
  }

  /** Room to write into, at most `limit` bytes and one at least; `advance` says how many were written. */
  space(limit: number): Buffer {
    if (this.#used === CHUNK) this.#next()
    return this.#chunk.subarray(this.#used, Math.min(CHUNK, this.#used + limit))
  }

  advance(bytes: number): void {
    this.#used += bytes
  }

  /** Zero bytes. */
  pad(bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const room = this.space(left)
      room.fill(0)
      this.#used += room.length
      left -= room.length
    }
  }

  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const room = this.space(bytes.length - done)
      room.set(bytes.subarray(done, done + room.length))
      this.#used += room.length
      done += room.length
    }
  }

  /** Hands over what is full. */
  async flush(): Promise<void> {
    if (this.#used === CHUNK) this.#next()
    for (const chunk of this.#full.splice(0)) {
      this.written += CHUNK
      await this.#writer.write(chunk)
    }
  }

  /** Hands over the rest. */
  async finish(): Promise<void> {
    await this.flush()
    if (this.#used > 0) await this.#writer.write(this.#chunk.subarray(0, this.#used))
  }

  #next(): void {
    this.#full.push(this.#chunk)
    // Memory that was used before is there at once, while the kernel clears new memory page by page.
    const spare = this.#writer.spare?.()
    this.#chunk = spare?.byteLength === CHUNK ? Buffer.from(spare) : Buffer.allocUnsafeSlow(CHUNK)
    this.#used = 0
  }
}
