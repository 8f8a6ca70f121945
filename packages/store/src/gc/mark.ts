import type { DirectoryBlobStore } from '../blobs/directory-blob-store.js'
import type { Digest } from '../digest.js'
import { isCooperageError } from '../errors.js'
import { DOCUMENT_LIMIT, digestsNamedBy } from '../refs/reachable.js'

/**
 * Every digest that can be reached from the roots: themselves, and what manifests and indexes among them name.
 * `onReach` is awaited for each before it is read.
 */
export async function mark(
  blobs: DirectoryBlobStore,
  roots: Iterable<Digest>,
  onReach?: (digest: Digest) => Promise<void>,
): Promise<Set<Digest>> {
  const marked = new Set<Digest>(roots)
  // A set is walked in the order of its growth, so this is the queue as well: cycles end, depth needs no stack.
  for (const digest of marked) {
    await onReach?.(digest)
    for (const named of await namedBy(blobs, digest)) marked.add(named)
  }
  return marked
}

async function namedBy(blobs: DirectoryBlobStore, digest: Digest): Promise<Digest[]> {
  try {
    const first = new Uint8Array(1)
    {
      await using range = await blobs.openRange(digest)
      if (range.size === 0 || range.size > DOCUMENT_LIMIT) return []
      range.readSync(0, first)
    }
    // Layers are many and manifests few: most are told apart by one byte.
    if (first[0] !== 0x7b) return []
    return digestsNamedBy(await blobs.readAll(digest, DOCUMENT_LIMIT))
  } catch (error) {
    // A name that points nowhere keeps nothing, and is for its user to report.
    if (isCooperageError(error) && (error.code === 'E_BLOB_MISSING' || error.code === 'E_STORE_CORRUPT'))
      return []
    throw error
  }
}
