import { fdatasync, read, writeSync } from 'node:fs'
import { type Digest, Digester } from '../digest.js'
import { CooperageError } from '../errors.js'
import type { Ingest, NativeIngestOptions } from './ingest.js'

/** As in blob-thread.ts, whose program can import nothing. */
const FLUSH_EVERY = 16 << 20
const PIECE = 1 << 20

/**
 * Hashes and writes at once, on the thread of the caller: for bytes that arrive while every other processor is busy
 * sending them. What was just received is still in this one's cache, and no thread has to be started.
 */
export class DirectIngest implements Ingest {
  readonly #options: NativeIngestOptions
  readonly #digester: Digester
  /** Blocks that came while the beginning is hashed. */
  #waiting: { readonly block: Uint8Array<ArrayBuffer>; readonly recycle: boolean }[] | undefined
  #beginning: Promise<void> = Promise.resolve()
  #position = 0
  #sinceFlush = 0
  #flushing = new Set<Promise<void>>()
  #failure: Error | undefined
  #abandoned = false

  constructor(options: NativeIngestOptions) {
    this.#options = options
    this.#digester = new Digester(options.algorithm)
    if (options.have > 0) {
      this.#waiting = []
      this.#beginning = this.#hashBeginning()
    }
  }

  push(block: Uint8Array<ArrayBuffer>, recycle: boolean): void {
    if (this.#abandoned) return
    if (this.#waiting === undefined) this.#take(block, recycle)
    else this.#waiting.push({ block, recycle })
  }

  async ready(): Promise<void> {
    await this.#beginning
    if (this.#failure !== undefined) throw this.#failure
  }

  async finish(): Promise<Digest> {
    await this.#idle()
    if (this.#failure !== undefined) throw this.#failure
    return this.#digester.digest()
  }

  async abandon(): Promise<void> {
    this.#abandoned = true
    await this.#idle()
  }

  async #idle(): Promise<void> {
    await this.#beginning
    await Promise.all(this.#flushing)
  }

  #take(block: Uint8Array<ArrayBuffer>, recycle: boolean): void {
    if (this.#failure !== undefined) return
    try {
      this.#digester.update(block)
      this.#write(block)
    } catch (error) {
      this.#failure = error as Error
      return
    }
    if (recycle) this.#options.onSpare(block.buffer)
    this.#sinceFlush += block.byteLength
    if (this.#options.flush && this.#sinceFlush >= FLUSH_EVERY) this.#flush()
  }

  // Not by the pool: its few threads may all be waiting for the disk.
  #write(block: Uint8Array<ArrayBuffer>): void {
    for (let done = 0; done < block.byteLength; ) {
      const count = writeSync(this.#options.fd, block, done, block.byteLength - done, this.#position)
      if (count === 0) {
        throw Object.assign(new Error('a write took no bytes'), { code: 'EIO', syscall: 'write' })
      }
      done += count
      this.#position += count
    }
  }

  #flush(): void {
    this.#sinceFlush = 0
    const flushing = new Promise<void>((resolve) => {
      fdatasync(this.#options.fd, (error) => {
        if (error !== null) this.#failure ??= error
        resolve()
      })
    }).then(() => void this.#flushing.delete(flushing))
    this.#flushing.add(flushing)
  }

  async #hashBeginning(): Promise<void> {
    const { have } = this.#options
    const bytes = Buffer.alloc(Math.min(PIECE, have))
    try {
      while (this.#position < have && !this.#abandoned) {
        const count = await this.#read(bytes.subarray(0, have - this.#position))
        if (count === 0) {
          throw new CooperageError('E_STORE_IO', 'the beginning of a blob was cut', { category: 'store' })
        }
        this.#digester.update(bytes.subarray(0, count))
        this.#position += count
      }
    } catch (error) {
      this.#failure = error as Error
    }
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    // Also of what is abandoned meanwhile: it is left for a later writer, who has the more.
    if (this.#position === have) for (const { block, recycle } of waiting) this.#take(block, recycle)
  }

  #read(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#options.fd, bytes, 0, bytes.length, this.#position, (error, count) => {
        if (error === null) resolve(count)
        else reject(error)
      })
    })
  }
}
