import { CooperageError } from '../errors.js'
import { rangeOutside } from './blob-failure.js'
import type { BlobRange } from './blob-store.js'
import { readFully } from './files.js'
import { storeError, typedErrors } from './store-error.js'
import type { StoreFile } from './store-fs.js'

/** Parts of an open file; closes it when disposed. */
export class BlobFileRange implements BlobRange {
  readonly size: number
  readonly #file: StoreFile
  readonly #path: string
  #open = true

  constructor(file: StoreFile, size: number, path: string) {
    this.#file = file
    this.size = size
    this.#path = path
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check(offset, length)
    const target = new Uint8Array(length)
    const count = await typedErrors(this.#path, () => readFully(this.#file, target, offset))
    // Blobs do not change; one that ends before its size was cut behind our back.
    if (count !== length) throw rangeOutside(offset, length, offset + count)
    return target
  }

  readSync(offset: number, target: Uint8Array): void {
    this.#check(offset, target.byteLength)
    let done = 0
    while (done < target.byteLength) {
      const count = this.#readSync(done === 0 ? target : target.subarray(done), offset + done)
      if (count === 0) throw rangeOutside(offset, target.byteLength, offset + done)
      done += count
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#file.close()
  }

  #readSync(target: Uint8Array, position: number): number {
    try {
      return this.#file.readSync(target, position)
    } catch (error) {
      throw storeError(error, this.#path)
    }
  }

  #check(offset: number, length: number): void {
    // A descriptor that was closed may already be another file's.
    if (!this.#open) {
      throw new CooperageError('E_RANGE_ENDED', 'this range has been disposed', { category: 'internal' })
    }
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw rangeOutside(offset, length, this.size)
    }
  }
}
