import { END_OF_ARCHIVE, tarPadding } from '../tar/layout.js'
import type { ArchiveItem } from '../tree/apply.js'
import type { LayerItem } from '../tree/diff.js'
import { ChunkBuffer } from './chunk-buffer.js'
import { contentSize, layerEntry } from './layer-entry.js'
import type { LayerSink } from './layer-sink.js'

export interface LayerStreamOptions {
  readonly signal?: AbortSignal
  /** Later times become this one (seconds since 1970), as with SOURCE_DATE_EPOCH. */
  readonly mtimeLimit?: number
  /** Called after each chunk: bytes of the layer so far. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Writes a layer whose contents come by as a stream: an item, then its content in pieces that add up to its size, then
 * the next. The same bytes as `writeLayer`. Nothing waits but `flush`, which is due when it is `full`, after an item or
 * a piece; what is not flushed stays in memory. The caller commits the sink after `end`.
 */
export class LayerStream {
  /** What was written, as `applyArchive` takes it. */
  readonly items: ArchiveItem[] = []
  readonly #chunks: ChunkBuffer
  readonly #options: LayerStreamOptions
  #padding = 0

  constructor(sink: LayerSink, options: LayerStreamOptions = {}) {
    this.#chunks = new ChunkBuffer(sink)
    this.#options = options
  }

  get full(): boolean {
    return this.#chunks.full
  }

  item(item: LayerItem): void {
    if (this.#padding > 0) this.#chunks.pad(this.#padding)
    const entry = layerEntry(item, this.#options.mtimeLimit)
    this.#chunks.frame(entry)
    this.items.push({ entry, index: this.items.length, offset: this.#chunks.position })
    this.#padding = tarPadding(contentSize(item))
  }

  /** A piece of the content of the last item. It is copied. */
  content(bytes: Uint8Array): void {
    this.#chunks.append(bytes)
  }

  /** Hands over to the sink what is full. @throws the abort reason, and what the sink throws */
  async flush(): Promise<void> {
    this.#options.signal?.throwIfAborted()
    await this.#chunks.flush()
    this.#options.onProgress?.(this.#chunks.written)
  }

  async end(): Promise<void> {
    if (this.#padding > 0) this.#chunks.pad(this.#padding)
    this.#chunks.append(END_OF_ARCHIVE)
    await this.#chunks.finish()
  }
}
