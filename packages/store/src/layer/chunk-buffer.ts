import { encodeTarEntry, encodeTarEntryInto } from '../tar/encode-entry.js'
import type { TarEntry } from '../tar/entry.js'
import type { LayerSink } from './layer-sink.js'

const CHUNK = 1 << 20

/** Gathers headers and contents into chunks that the writer can take over whole. */
export class ChunkBuffer {
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK)
  #used = 0
  /** What did not fit, to go first into the next chunk. */
  #rest: Uint8Array = new Uint8Array(0)
  readonly #writer: LayerSink
  /** Bytes given to the writer. */
  written = 0

  constructor(writer: LayerSink) {
    this.#writer = writer
  }

  /** Bytes framed so far, written or not. */
  get position(): number {
    return this.written + this.#used + this.#rest.length
  }

  get full(): boolean {
    return this.#used === CHUNK || this.#rest.length > 0
  }

  frame(entry: TarEntry): void {
    const written = encodeTarEntryInto(entry, this.#chunk, this.#used)
    if (written > 0) this.#used += written
    else this.#take(encodeTarEntry(entry))
  }

  space(limit: number): Buffer {
    return this.#chunk.subarray(this.#used, Math.min(CHUNK, this.#used + limit))
  }

  advance(bytes: number): void {
    this.#used += bytes
  }

  async pad(bytes: number): Promise<void> {
    if (bytes <= CHUNK - this.#used) {
      this.#chunk.fill(0, this.#used, this.#used + bytes)
      this.#used += bytes
    } else await this.append(new Uint8Array(bytes))
  }

  async append(bytes: Uint8Array): Promise<void> {
    while (this.full) await this.flush()
    this.#take(bytes)
  }

  async flush(): Promise<void> {
    do {
      const full = this.#chunk
      const rest = this.#rest
      this.#chunk = Buffer.allocUnsafeSlow(CHUNK)
      this.#used = 0
      this.written += CHUNK
      await this.#writer.write(full)
      this.#take(rest)
    } while (this.#rest.length > 0)
  }

  async finish(): Promise<void> {
    while (this.#rest.length > 0) await this.flush()
    if (this.#used > 0) await this.#writer.write(this.#chunk.subarray(0, this.#used))
  }

  /** What does not fit waits as the rest. */
  #take(bytes: Uint8Array): void {
    const fits = Math.min(bytes.length, CHUNK - this.#used)
    this.#chunk.set(bytes.subarray(0, fits), this.#used)
    this.#used += fits
    this.#rest = bytes.subarray(fits)
  }
}
