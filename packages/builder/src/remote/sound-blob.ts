import { type BlobStore, type Digest, isCooperageError } from '@cooperage/store'

/**
 * Makes sure that a blob remembered from an earlier build is whole, before parts of it are used: parts cannot be
 * checked. One that is not, or is gone, is made `again`. @throws E_STORE_CORRUPT when other bytes come then
 */
export async function soundBlob(
  digest: Digest,
  options: {
    readonly blobs: BlobStore
    readonly signal: AbortSignal
    readonly again: () => Promise<{ readonly digest: Digest }>
  },
): Promise<void> {
  try {
    for await (const _ of options.blobs.read(digest, { signal: options.signal }));
  } catch (error) {
    if (!isCooperageError(error) || !['E_STORE_CORRUPT', 'E_BLOB_MISSING'].includes(error.code)) throw error
    if ((await options.again()).digest !== digest) throw error
  }
}
