import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import { CooperageError, isCooperageError } from '../errors.js'
import type { Descriptor } from '../image/types.js'
import { decompressed } from './decompress.js'

export interface DecompressIntoStoreOptions {
  /** What the bytes are of; its size says only how they are read best. */
  readonly layer: Descriptor
  /** Of the uncompressed layer: nothing else becomes visible. */
  readonly diffId: Digest
  readonly store: BlobStore
  readonly signal?: AbortSignal
}

/** From this size on a layer comes out of the decompressor in blocks that the store takes over as they are. */
const LARGE = 4 << 20
const BLOCK = 1 << 20

/**
 * Puts a layer of which these are the compressed bytes into the store.
 * @throws E_DIFFID when it is another, and as `decompressed`; nothing is kept then
 */
export async function decompressIntoStore(
  source: AsyncIterable<Uint8Array>,
  options: DecompressIntoStoreOptions,
): Promise<void> {
  const { layer, diffId, store, signal } = options
  const stop = signal && { signal }
  let isOurs = false
  const content = decompressed(source, {
    what: `layer ${layer.digest}`,
    ...(layer.size >= LARGE && { chunkSize: BLOCK }),
    // Other decompressors go on to read what they gave.
    onCompression: (compression) => {
      isOurs = compression === 'gzip'
    },
    ...stop,
  })
  try {
    await using writer = await store.writer({ expect: { digest: diffId }, ...stop })
    for await (const chunk of content) await writer.write(isOurs ? chunk : new Uint8Array(chunk))
    await writer.commit()
  } catch (cause) {
    if (!isCooperageError(cause) || cause.code !== 'E_DIGEST_MISMATCH') throw cause
    throw new CooperageError('E_DIFFID', `layer ${layer.digest} does not decompress to ${diffId}`, {
      cause,
      data: cause.data,
    })
  }
}
