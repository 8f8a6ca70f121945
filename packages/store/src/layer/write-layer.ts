import { createHash, type Hash } from 'node:crypto'
import type { Digest } from '../digest.js'
import { encodeTarEntry, encodeTarEntryInto } from '../tar/encode-entry.js'
import type { TarEntry } from '../tar/entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../tar/layout.js'
import type { LayerItem } from '../tree/diff.js'
import type { FileNode } from '../tree/node.js'
import type { Contents } from './contents.js'
import { contentSize, layerEntry } from './layer-entry.js'

const CHUNK = 1 << 20

/** Takes the bytes of a layer; a `BlobWriter` is one. */
export interface LayerSink {
  /** Takes the chunk over: its buffer may be detached. */
  write(chunk: Uint8Array): Promise<void>
}

export interface WriteLayerOptions {
  readonly contents: Contents
  readonly signal?: AbortSignal
  /** Called for each file whose digest was not known, with the digest of the bytes that went into the layer. */
  readonly onDigest?: (node: FileNode, digest: Digest) => void
  /** Default: the node says so itself. */
  readonly isDigestKnown?: (node: FileNode) => boolean
  /** Later times become this one (seconds since 1970), as with SOURCE_DATE_EPOCH. */
  readonly mtimeLimit?: number
  /** Called after each chunk: bytes of the layer and entries so far. */
  readonly onProgress?: (bytes: number, entries: number) => void
}

/**
 * Writes the items as an uncompressed layer, each file read once: the same pass frames it, hashes it when asked
 * to, and hands it to the writer. Memory does not grow with a file. The caller commits the writer.
 * @throws E_CTX_CHANGED and what reading and writing throw; the abort reason when aborted.
 */
export async function writeLayer(
  items: readonly LayerItem[],
  writer: LayerSink,
  options: WriteLayerOptions,
): Promise<void> {
  const chunks = new ChunkBuffer(writer)
  let entries = 0
  for (const item of items) {
    chunks.frame(layerEntry(item, options.mtimeLimit))
    if (contentSize(item) > 0) await writeContent((item as { node: FileNode }).node)
    entries++
    while (chunks.full) await flush()
  }
  await chunks.append(END_OF_ARCHIVE)
  await chunks.finish()

  async function flush(): Promise<void> {
    options.signal?.throwIfAborted()
    await chunks.flush()
    options.onProgress?.(chunks.written, entries)
  }

  async function writeContent(node: FileNode): Promise<void> {
    const hash = needsDigest(node) ? createHash('sha256') : undefined
    const content = options.contents.open(node)
    let left = node.size
    try {
      while (left > 0) {
        while (chunks.full) await flush()
        const target = chunks.space(left)
        const read = content.read(target)
        if (read === 0) break
        hash?.update(target.subarray(0, read))
        chunks.advance(read)
        left -= read
      }
    } finally {
      // Of a file that grew or shrank, closing tells more than a count of bytes would.
      content.close()
    }
    if (left > 0) throw new Error(`content ended ${left} bytes early`)
    report(node, hash)
    await chunks.pad(tarPadding(node.size))
  }

  function needsDigest(node: FileNode): boolean {
    if (options.onDigest === undefined) return false
    return options.isDigestKnown === undefined ? node.digest === undefined : !options.isDigestKnown(node)
  }

  function report(node: FileNode, hash: Hash | undefined): void {
    if (hash !== undefined) options.onDigest?.(node, `sha256:${hash.digest('hex')}`)
  }
}

/** Gathers headers and contents into chunks that the writer can take over whole. */
class ChunkBuffer {
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
