import type { BlobStore } from '../blobs/blob-store.js'
import { parseDigest } from '../digest.js'
import type { Descriptor } from '../image/types.js'

/** Where the bytes of an image come from: a store, a repository, or anything that can read a blob again. */
export interface Content {
  /**
   * The bytes of a blob from `offset` on (default 0). With `transfer` a chunk is the reader's until the next one is
   * asked for, which may lie in the same memory; without, for good. What is read whole is checked against size and digest by its
   * last step. May be called again for the same blob.
   * @throws E_BLOB_MISSING when it is not there
   */
  read(
    descriptor: Descriptor,
    options?: { readonly offset?: number; readonly signal?: AbortSignal; readonly transfer?: boolean },
  ): AsyncIterable<Uint8Array>
}

/** The blobs of a store. */
export function storeContent(store: BlobStore): Content {
  return {
    async *read(descriptor, { offset = 0, signal, transfer = false } = {}) {
      let skip = offset
      const options = { size: descriptor.size, transfer, ...(signal !== undefined && { signal }) }
      // From the start, whatever the offset: only a whole read is checked.
      for await (const chunk of store.read(parseDigest(descriptor.digest), options)) {
        if (skip < chunk.byteLength) yield skip === 0 ? chunk : chunk.subarray(skip)
        skip = Math.max(0, skip - chunk.byteLength)
      }
    },
  }
}
