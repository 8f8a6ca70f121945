import { type Digest, Digester, digestAlgorithm, digestOf, parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { blobMissing, blobTooLarge, checkExpectation, rangeOutside, sizeMismatch } from './blob-failure.js'
import type { BlobInfo, BlobRange, BlobStore, BlobWriter, ReadOptions, WriterOptions } from './blob-store.js'

const CHUNK = 1 << 20

/** Blobs in memory, gone with the process: for tests, and for small images that never touch a disk. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Digest, Uint8Array>()

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    const bytes = this.#blobs.get(parseDigest(digest))
    return bytes && { digest, size: bytes.byteLength }
  }

  async *read(digest: Digest, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const bytes = this.#get(digest)
    if (options.size !== undefined && options.size !== bytes.byteLength) {
      throw sizeMismatch(options.size, bytes.byteLength)
    }
    for (let at = 0; at < bytes.byteLength; at += CHUNK) {
      options.signal?.throwIfAborted()
      // A copy: what is handed out may be changed by the reader, what is kept may not.
      yield bytes.slice(at, at + CHUNK)
    }
  }

  async readAll(digest: Digest, limit: number): Promise<Uint8Array> {
    const bytes = this.#get(digest)
    if (bytes.byteLength > limit) throw blobTooLarge(digest, bytes.byteLength, limit)
    return Uint8Array.from(bytes)
  }

  async check(digest: Digest): Promise<void> {
    for await (const _ of this.read(digest));
  }

  async openRange(digest: Digest): Promise<BlobRange> {
    return new MemoryRange(this.#get(digest))
  }

  async writer(options: WriterOptions = {}): Promise<BlobWriter> {
    options.signal?.throwIfAborted()
    if (options.expect?.digest !== undefined) parseDigest(options.expect.digest)
    return new MemoryWriter(options, (digest, bytes) => this.#keep(digest, bytes))
  }

  async put(bytes: Uint8Array): Promise<BlobInfo> {
    const digest = digestOf(bytes)
    this.#keep(digest, Uint8Array.from(bytes))
    return { digest, size: bytes.byteLength }
  }

  async *list(): AsyncIterable<BlobInfo> {
    for (const [digest, bytes] of this.#blobs) yield { digest, size: bytes.byteLength }
  }

  async remove(digest: Digest): Promise<boolean> {
    return this.#blobs.delete(parseDigest(digest))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#blobs.clear()
  }

  #get(digest: Digest): Uint8Array {
    const bytes = this.#blobs.get(parseDigest(digest))
    if (bytes === undefined) throw blobMissing(digest)
    return bytes
  }

  /** True when it existed. */
  #keep(digest: Digest, bytes: Uint8Array): boolean {
    if (this.#blobs.has(digest)) return true
    this.#blobs.set(digest, bytes)
    return false
  }
}

class MemoryWriter implements BlobWriter {
  readonly #options: WriterOptions
  readonly #keep: (digest: Digest, bytes: Uint8Array) => boolean
  #chunks: Uint8Array[] | undefined = []
  #written = 0
  #committed: Promise<BlobInfo & { readonly existed: boolean }> | undefined

  constructor(options: WriterOptions, keep: (digest: Digest, bytes: Uint8Array) => boolean) {
    this.#options = options
    this.#keep = keep
  }

  get written(): number {
    return this.#written
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#chunks === undefined) throw ended()
    this.#options.signal?.throwIfAborted()
    this.#written += chunk.byteLength
    const expected = this.#options.expect?.size
    if (expected !== undefined && this.#written > expected) throw sizeMismatch(expected, this.#written)
    this.#chunks.push(Uint8Array.from(chunk))
  }

  commit(): Promise<BlobInfo & { readonly existed: boolean }> {
    this.#committed ??= this.#commit()
    return this.#committed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#chunks = undefined
  }

  async #commit(): Promise<BlobInfo & { readonly existed: boolean }> {
    const { expect, signal } = this.#options
    if (this.#chunks === undefined) throw ended()
    signal?.throwIfAborted()
    const bytes = Buffer.concat(this.#chunks)
    this.#chunks = undefined
    const algorithm = expect?.digest === undefined ? 'sha256' : digestAlgorithm(expect.digest)
    const found = { digest: new Digester(algorithm).update(bytes).digest(), size: bytes.byteLength }
    checkExpectation(expect, found)
    return { ...found, existed: this.#keep(found.digest, bytes) }
  }
}

class MemoryRange implements BlobRange {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get size(): number {
    return this.#bytes.byteLength
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check(offset, length)
    return this.#bytes.slice(offset, offset + length)
  }

  readSync(offset: number, target: Uint8Array): void {
    this.#check(offset, target.byteLength)
    target.set(this.#bytes.subarray(offset, offset + target.byteLength))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #check(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw rangeOutside(offset, length, this.size)
    }
  }
}

function ended(): CooperageError {
  return new CooperageError('E_WRITER_ENDED', 'this writer has been committed or disposed', {
    category: 'internal',
  })
}
