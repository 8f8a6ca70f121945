import { once } from 'node:events'
import { type Header, type Pack, pack } from 'tar-stream'
import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import type { ByteSink } from './byte-sink.js'
import { freeChunk } from './free-chunk.js'

/** Bytes that may wait for the sink. */
const AHEAD = 4 << 20
/** What the size field of ustar holds; a larger size goes into a PAX header (POSIX pax, "ustar Interchange Format"). */
const LARGEST_USTAR_SIZE = 0o77777777777
const EPOCH = new Date(0)

export interface BlobSource {
  readonly store: BlobStore
  /** In bytes. */
  readonly size: number
  readonly signal?: AbortSignal
}

/**
 * Writes the outer tar of an image archive: owner 0:0, time 0, modes fixed, so that equal images make equal files.
 * A few chunks are under way at a time. Disposed before `finish`: nothing more reaches the sink.
 */
export class ArchiveWriter implements AsyncDisposable {
  readonly #pack: Pack = pack({ highWaterMark: AHEAD })
  readonly #flow: Promise<void>

  constructor(sink: ByteSink) {
    this.#flow = this.#pour(sink)
    // Whoever waits next learns of it; until then it is nobody's.
    this.#flow.catch(() => {})
  }

  /** `name` ends in a slash. */
  async directory(name: string): Promise<void> {
    const entry = this.#pack.entry(headers({ name, type: 'directory', mode: 0o755, size: 0 }))
    await this.#end(entry)
  }

  async file(name: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
    const entry = this.#pack.entry(headers({ name, type: 'file', mode, size: bytes.length }))
    entry.write(Buffer.from(bytes))
    await this.#end(entry)
  }

  /** A blob of the store, checked as it passes. @throws E_BLOB_MISSING, E_SIZE_MISMATCH, E_STORE_CORRUPT. */
  async blob(name: string, digest: Digest, from: BlobSource): Promise<void> {
    const options = { size: from.size, ...(from.signal && { signal: from.signal }) }
    const entry = this.#pack.entry(headers({ name, type: 'file', mode: 0o444, size: from.size }))
    for await (const chunk of from.store.read(digest, options)) {
      if (!entry.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
        await this.#orFailure(once(entry, 'drain'))
      }
    }
    await this.#end(entry)
  }

  /** The last thing to call: resolves when the sink has everything. The sink stays open. */
  async finish(): Promise<void> {
    this.#pack.finalize()
    await this.#flow
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pack.destroy(null)
    await this.#flow.catch(() => {})
  }

  async #pour(sink: ByteSink): Promise<void> {
    try {
      for await (const chunk of this.#pack as AsyncIterable<Uint8Array>) {
        await sink.write(chunk)
        freeChunk(chunk)
      }
    } catch (error) {
      this.#pack.destroy(error as Error)
      throw error
    }
  }

  async #end(entry: ReturnType<Pack['entry']>): Promise<void> {
    const closed = once(entry, 'close')
    entry.end(undefined)
    await this.#orFailure(closed)
  }

  /** A sink that fails ends the waiting for it. */
  async #orFailure(event: Promise<unknown>): Promise<void> {
    event.catch(() => {})
    await Promise.race([event, this.#flow])
  }
}

function headers(entry: {
  name: string
  type: 'file' | 'directory'
  mode: number
  size: number
}): Partial<Header> & Pick<Header, 'name'> {
  const common = { ...entry, uid: 0, gid: 0, mtime: EPOCH }
  return entry.size > LARGEST_USTAR_SIZE ? { ...common, pax: { size: String(entry.size) } } : common
}
