import type { BlobStore } from '../blobs/blob-store.js'
import { type Digest, isDigest, parseDigest } from '../digest.js'
import { EMPTY_LAYER_DIFF_ID, EMPTY_LAYER_GZIP, emptyLayerGzip } from '../image/empty-layer.js'
import { type Descriptor, MediaType } from '../image/types.js'
import type { RecordStore } from '../records/record-store.js'
import { copyIntoStore } from './copy-into-store.js'
import { decompressIntoStore } from './decompress-into-store.js'
import { gzipStream } from './gzip-stream.js'
import { inStore } from './image-graph.js'
import { zstdStream } from './zstd-stream.js'

/** Kind of the records that say which blob is a layer, compressed. The key is the diffID, with what was asked for. */
const LAYER_COMPRESSED = 'layer-compressed'

export interface CompressLayerOptions {
  readonly store: BlobStore
  readonly records: Pick<RecordStore, 'getText' | 'put'>
  /** Default gzip. zstd takes a Node that has it. */
  readonly compression?: 'gzip' | 'zstd'
  /**
   * 0 to 9 for gzip, 0 to 22 for zstd. Without one, any form of that compression that is known serves, such as that of
   * a registry; else gzip's level 6, or zstd's 3.
   */
  readonly level?: number
  readonly signal?: AbortSignal
}

/**
 * The compressed form of a layer that is in the store uncompressed, made only when none is known. In gzip the empty
 * layer gets the bytes that Go makes of it. Idempotent.
 *
 * @throws E_BLOB_MISSING when the layer is not in the store, E_STORE_CORRUPT, E_COMPRESSION_UNSUPPORTED for zstd.
 */
export async function compressLayer(diffId: Digest, options: CompressLayerOptions): Promise<Descriptor> {
  const { store, records, level, compression = 'gzip' } = options
  const signal = options.signal && { signal: options.signal }
  if (diffId === EMPTY_LAYER_DIFF_ID && level === undefined && compression === 'gzip') {
    await store.put(emptyLayerGzip())
    return EMPTY_LAYER_GZIP
  }
  const own = ownKey(diffId, compression, level)
  for (const key of level === undefined ? [diffId, own] : [own]) {
    const known = decodeRecord(await records.getText(LAYER_COMPRESSED, key))
    if (known && compressionOf(known) === compression && (await inStore(store, known))) return known
  }
  const content = store.read(diffId, { ...signal })
  const compress = compression === 'gzip' ? gzipStream : zstdStream
  const blob = await copyIntoStore(store, compress(content, { ...(level !== undefined && { level }) }), {
    ...signal,
  })
  const mediaType = compression === 'gzip' ? MediaType.ociLayerGzip : MediaType.ociLayerZstd
  const descriptor: Descriptor = { mediaType, ...blob }
  await records.put(LAYER_COMPRESSED, own, JSON.stringify({ descriptor }))
  return descriptor
}

function ownKey(diffId: Digest, compression: 'gzip' | 'zstd', level: number | undefined): string {
  if (level !== undefined) return `${diffId} ${compression} ${level}`
  return compression === 'gzip' ? diffId : `${diffId} ${compression}`
}

function compressionOf({ mediaType }: Descriptor): string | undefined {
  return /[.+](gzip|zstd)$/.exec(mediaType)?.[1]
}

export interface DecompressLayerOptions {
  readonly store: BlobStore
  /** Remembers the compressed form, so that it is passed on again as it came. */
  readonly records?: Pick<RecordStore, 'put'> | undefined
  readonly signal?: AbortSignal
}

/**
 * Puts the uncompressed form of a layer into the store, and remembers the compressed one. Idempotent; does nothing when
 * the store has it.
 *
 * @throws E_DIFFID when it decompresses to something else (nothing is kept then), E_BLOB_MISSING, E_GZIP_… and the like.
 */
export async function decompressLayer(
  layer: Descriptor,
  diffId: Digest,
  options: DecompressLayerOptions,
): Promise<void> {
  const { store, records, signal } = options
  if (layer.digest === diffId) return
  if (!(await store.stat(diffId))) {
    const compressed = store.read(parseDigest(layer.digest), { size: layer.size, ...(signal && { signal }) })
    await decompressIntoStore(compressed, { layer, diffId, store, ...(signal && { signal }) })
  }
  const { mediaType, digest, size } = layer
  await records?.put(LAYER_COMPRESSED, diffId, JSON.stringify({ descriptor: { mediaType, digest, size } }))
}

/** A record may be anything: what is not a descriptor is no record. */
function decodeRecord(text: string | undefined): Descriptor | undefined {
  if (text === undefined) return undefined
  try {
    const record = JSON.parse(text) as { descriptor?: Record<string, unknown> } | null
    const { mediaType, digest, size } = record?.descriptor ?? {}
    if (typeof mediaType !== 'string' || !isDigest(digest) || !Number.isSafeInteger(size)) return undefined
    return { mediaType, digest, size: size as number }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
