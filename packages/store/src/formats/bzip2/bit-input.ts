import type { ByteQueue } from '../../tar/byte-queue.js'
import type { Fault } from '../fault.js'

const CHUNK = 64 * 1024

/**
 * The bits of a stream, the highest of a byte first. Reading is synchronous; `ensure` waits until so much is there, and
 * reading beyond the end of the stream is an error.
 */
export class BitInput {
  readonly fault: Fault
  readonly #source: ByteQueue
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #bits = 0
  #count = 0

  constructor(source: ByteQueue, fault: Fault) {
    this.#source = source
    this.fault = fault
  }

  /** True when that many bytes can be read without `ensure`. */
  has(bytes: number): boolean {
    return this.#bytes.length - this.#at >= bytes
  }

  /** Brings that many bytes, or all that the stream has. */
  async ensure(bytes: number): Promise<void> {
    while (!this.has(bytes)) {
      const more = await this.#source.some(CHUNK)
      if (more === undefined) return
      // The view is the source's; what is left over is short.
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), more])
      this.#at = 0
    }
  }

  /** At most 24 bits. @throws the fault TRUNCATED */
  read(count: number): number {
    while (this.#count < count) {
      if (this.#at === this.#bytes.length) throw this.fault('TRUNCATED', 'ends too early')
      this.#bits = (this.#bits << 8) | this.#bytes[this.#at++]!
      this.#count += 8
    }
    this.#count -= count
    return (this.#bits >>> this.#count) & ((1 << count) - 1)
  }

  /** 32 bits, as an unsigned number. */
  word(): number {
    return this.read(16) * 65536 + this.read(16)
  }

  /** Drops the bits up to the next byte. */
  align(): void {
    this.#count -= this.#count % 8
  }

  /** The next byte, at a byte's beginning; undefined at the end. Needs `ensure` before. */
  byte(): number | undefined {
    if (this.#count > 0) return this.read(8)
    return this.#bytes[this.#at] === undefined ? undefined : this.read(8)
  }

  damaged(part: string): Error {
    return this.fault('DATA', `is damaged (${part})`)
  }
}
