import type { BlobStore } from '../../blobs/blob-store.js'
import { parseDigest } from '../../digest.js'
import { isCooperageError } from '../../errors.js'
import type { Descriptor } from '../../image/types.js'
import { digestLike } from '../digest-of-bytes.js'

/** Puts a small document into the store under its own digest, whatever the algorithm. */
export async function keepBytes(store: BlobStore, bytes: Uint8Array, descriptor: Descriptor): Promise<void> {
  const expect = { digest: parseDigest(descriptor.digest), size: bytes.byteLength }
  await using writer = await store.writer({ expect })
  await writer.write(Uint8Array.from(bytes))
  await writer.commit()
}

/** A document that the store has, whole and sound; undefined when it must be fetched. @throws E_LIMIT */
export async function keptBytes(
  store: BlobStore,
  descriptor: Pick<Descriptor, 'digest'>,
  limit: number,
): Promise<Uint8Array | undefined> {
  const digest = parseDigest(descriptor.digest)
  if ((await store.stat(digest)) === undefined) return undefined
  try {
    return await store.readAll(digest, limit)
  } catch (error) {
    // Damaged or just collected: fetched again.
    if (isCooperageError(error) && /^E_(STORE_CORRUPT|BLOB_MISSING)$/.test(error.code)) return undefined
    throw error
  }
}

/** The content that the descriptor brings along, if it is what its digest says (image-spec, descriptor.md, "data"). */
export function embeddedBytes(descriptor: Descriptor): Uint8Array | undefined {
  if (descriptor.data === undefined) return undefined
  const bytes = Buffer.from(descriptor.data, 'base64')
  const isRight =
    bytes.length === descriptor.size &&
    digestLike(parseDigest(descriptor.digest), bytes) === descriptor.digest
  return isRight ? bytes : undefined
}
