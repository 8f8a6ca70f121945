import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import { encodeTarEntry } from '../tar/encode-entry.js'
import type { TarEntryType } from '../tar/entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../tar/layout.js'
import type { ByteSink } from './byte-sink.js'
import { freeChunk } from './free-chunk.js'

/** Bytes that may wait for the sink. */
const AHEAD = 4 << 20
const ZEROS: Uint8Array = new Uint8Array(tarPadding(1))
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map()

export interface BlobSource {
  readonly store: BlobStore
  /** In bytes. */
  readonly size: number
  readonly signal?: AbortSignal
}

/**
 * Writes the outer tar of an image archive: owner 0:0, time 0, modes fixed, so that equal images make equal files, and
 * those that BuildKit makes. A few chunks are under way at a time. Disposed before `finish`: nothing more reaches the
 * sink.
 */
export class ArchiveWriter implements AsyncDisposable {
  readonly #sink: ByteSink
  /** Resolves when all that was handed over has been used. */
  #flow: Promise<void> = Promise.resolve()
  #waiting = 0
  #isStopped = false

  constructor(sink: ByteSink) {
    this.#sink = sink
  }

  /** `name` ends in a slash. */
  async directory(name: string): Promise<void> {
    await this.#write(header(name, { type: 'directory', mode: 0o755, size: 0 }))
  }

  async file(name: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
    await this.#write(header(name, { type: 'file', mode, size: bytes.length }))
    await this.#write(bytes)
    await this.#pad(bytes.length)
  }

  /** A blob of the store, checked as it passes. @throws E_BLOB_MISSING, E_SIZE_MISMATCH, E_STORE_CORRUPT. */
  async blob(name: string, digest: Digest, from: BlobSource): Promise<void> {
    const { store, size, signal } = from
    await this.#write(header(name, { type: 'file', mode: 0o444, size }))
    for await (const chunk of store.read(digest, { size, ...(signal && { signal }) })) {
      await this.#write(chunk, freeChunk)
    }
    await this.#pad(size)
  }

  /** The last thing to call: resolves when the sink has everything. The sink stays open. */
  async finish(): Promise<void> {
    await this.#write(END_OF_ARCHIVE)
    await this.#flow
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    await this.#flow.catch(() => {})
  }

  async #pad(size: number): Promise<void> {
    const padding = tarPadding(size)
    if (padding > 0) await this.#write(ZEROS.subarray(0, padding))
  }

  /** Hands a chunk over, and waits while too much is under way. A sink that fails ends the next call. */
  async #write(chunk: Uint8Array, used?: (chunk: Uint8Array) => void): Promise<void> {
    const { length } = chunk
    this.#waiting += length
    this.#flow = this.#flow.then(async () => {
      if (this.#isStopped) return
      await this.#sink.write(chunk)
      used?.(chunk)
      this.#waiting -= length
    })
    // Whoever waits next learns of a failure; until then it is nobody's.
    this.#flow.catch(() => {})
    if (this.#waiting > AHEAD) await this.#flow
  }
}

function header(
  name: string,
  entry: { readonly type: TarEntryType; readonly mode: number; readonly size: number },
): Uint8Array {
  const owner = { uid: 0, gid: 0, uname: '', gname: '', devmajor: 0, devminor: 0 }
  return encodeTarEntry({ ...entry, ...owner, name, linkname: '', mtime: 0, xattrs: NO_XATTRS })
}
