import { type Digest, Digester } from '../digest.js'
import { writeFully } from './files.js'
import type { StoreFile } from './store-fs.js'

/** Where the blocks of one blob go, in their order: to its file and through its digest. */
export interface Ingest {
  /** Takes the block over: the whole buffer behind it may be detached. `recycle` lets it be used again. */
  push(block: Uint8Array<ArrayBuffer>, recycle: boolean): void
  /** Resolves when another block is welcome; rejects once something has failed. */
  ready(): Promise<void>
  /** Resolves when all of it is in the file (not yet on the disk). May be called once. */
  finish(): Promise<Digest>
  /** After this the file is no longer used. Idempotent, also after `finish`. */
  abandon(): Promise<void>
}

/** Of a file that the kernel's own calls reach. */
export interface NativeIngestOptions {
  readonly fd: number
  readonly algorithm: 'sha256' | 'sha512'
  /** Begin to write to the disk before the end. */
  readonly flush: boolean
  /** Bytes that the file has already, to be hashed before the first block. */
  readonly have: number
  /** Receives buffers that were pushed with `recycle`. */
  readonly onSpare: (buffer: ArrayBuffer) => void
}

/** Writes and hashes on the thread of the caller: for small blobs, and where threads cannot reach the file. */
export class InlineIngest implements Ingest {
  readonly #file: StoreFile
  readonly #digester: Digester
  #tail: Promise<void> = Promise.resolve()
  #position = 0

  constructor(file: StoreFile, algorithm: 'sha256' | 'sha512') {
    this.#file = file
    this.#digester = new Digester(algorithm)
  }

  push(block: Uint8Array<ArrayBuffer>): void {
    const position = this.#position
    this.#position += block.byteLength
    this.#tail = this.#tail.then(async () => {
      this.#digester.update(block)
      await writeFully(this.#file, block, position)
    })
    // Whoever asks `ready` or `finish` is told; nobody need ask at once.
    this.#tail.catch(() => {})
  }

  ready(): Promise<void> {
    return this.#tail
  }

  async finish(): Promise<Digest> {
    await this.#tail
    return this.#digester.digest()
  }

  async abandon(): Promise<void> {
    await this.#tail.catch(() => {})
  }
}
