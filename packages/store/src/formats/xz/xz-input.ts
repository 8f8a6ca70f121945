import { crc32 } from 'node:zlib'
import type { ByteQueue } from '../../tar/byte-queue.js'
import type { Fault } from '../fault.js'

/** Reads the parts of an xz stream: counted, and the end of the file is an error. */
export class XzInput {
  readonly fault: Fault
  readonly #bytes: ByteQueue
  /** Bytes taken since the last call of `restart`. */
  taken = 0
  /** CRC32 of what `number` and `byte` took since then. */
  checksum = 0

  constructor(bytes: ByteQueue, fault: Fault) {
    this.#bytes = bytes
    this.fault = fault
  }

  restart(): void {
    this.taken = 0
    this.checksum = 0
  }

  /** Good until the next call. @throws the fault TRUNCATED */
  async take(length: number): Promise<Buffer> {
    const taken = this.#bytes.takeNow(length) ?? (await this.#bytes.take(length))
    if (taken.length < length) throw this.fault('TRUNCATED', 'ends too early')
    this.taken += length
    return taken
  }

  /** Up to this many bytes; fewer, or none, at the end of the file. */
  takeSome(length: number): Promise<Buffer> {
    return this.#bytes.take(length)
  }

  async byte(): Promise<number> {
    const taken = await this.take(1)
    this.checksum = crc32(taken, this.checksum)
    return taken[0]!
  }

  /** A number in the form of the format: seven bits a byte, the lowest first, at most 2^53 here. */
  async number(): Promise<number> {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = await this.byte()
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && scale > 1)) throw this.damaged('a number')
      if (byte < 0x80) return value
    }
  }

  /** Zero bytes up to a multiple of four. */
  async padding(): Promise<void> {
    while (this.taken % 4 !== 0) if ((await this.byte()) !== 0) throw this.damaged('padding')
  }

  damaged(part: string): Error {
    return this.fault('DATA', `is damaged (${part})`)
  }
}
