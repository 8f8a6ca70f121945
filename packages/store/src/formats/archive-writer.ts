import type { BlobStore } from '../blobs/blob-store.js'
import { fromUtf8 } from '../bytes.js'
import type { Digest } from '../digest.js'
import { encodeTarEntry } from '../tar/encode-entry.js'
import type { TarEntryType } from '../tar/entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../tar/layout.js'
import type { ByteSink } from './byte-sink.js'

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map()
const ZEROS = new Uint8Array(512)

/**
 * Writes the outer tar of an image archive: owner 0:0, time 0, modes fixed, so that equal images make equal files.
 * Holds one chunk at a time; content goes to the sink as the store hands it out, with no stream in between.
 */
export class ArchiveWriter {
  readonly #sink: ByteSink

  constructor(sink: ByteSink) {
    this.#sink = sink
  }

  /** `name` ends in a slash. */
  async directory(name: string): Promise<void> {
    await this.#header({ name, type: 'directory', mode: 0o755, size: 0 })
  }

  async file(name: string, bytes: Uint8Array): Promise<void> {
    await this.#header({ name, type: 'file', mode: 0o644, size: bytes.length })
    await this.#sink.write(bytes)
    await this.#pad(bytes.length)
  }

  /** A blob of the store, checked as it passes. @throws E_BLOB_MISSING, E_SIZE_MISMATCH, E_STORE_CORRUPT. */
  async blob(name: string, digest: Digest, from: BlobSource): Promise<void> {
    await this.#header({ name, type: 'file', mode: 0o444, size: from.size })
    const options = { size: from.size, ...(from.signal && { signal: from.signal }) }
    for await (const chunk of from.store.read(digest, options)) await this.#sink.write(chunk)
    await this.#pad(from.size)
  }

  /** The last thing to call. The sink stays open. */
  async finish(): Promise<void> {
    await this.#sink.write(END_OF_ARCHIVE)
  }

  async #header(entry: { name: string; type: TarEntryType; mode: number; size: number }): Promise<void> {
    const header = encodeTarEntry({
      ...entry,
      name: fromUtf8(entry.name),
      linkname: '',
      uid: 0,
      gid: 0,
      mtime: 0,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: NO_XATTRS,
    })
    await this.#sink.write(header)
  }

  async #pad(size: number): Promise<void> {
    const padding = tarPadding(size)
    if (padding > 0) await this.#sink.write(ZEROS.subarray(0, padding))
  }
}

export interface BlobSource {
  readonly store: BlobStore
  /** In bytes. */
  readonly size: number
  readonly signal?: AbortSignal
}
