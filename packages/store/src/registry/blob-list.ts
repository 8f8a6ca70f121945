import { parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import type { Descriptor } from '../image/types.js'

/** Blobs to move, each once. */
export class BlobList {
  readonly #blobs = new Map<string, Descriptor>()

  /**
   * What is checked later is the size of one descriptor, so that of another could be anything.
   * @throws E_SIZE_MISMATCH when the blob is on the list with another size, E_DIGEST
   */
  add(part: Descriptor): void {
    const digest = parseDigest(part.digest)
    const before = this.#blobs.get(digest)
    if (before !== undefined && before.size !== part.size) {
      const sizes = `${before.size} bytes and ${part.size}`
      throw new CooperageError('E_SIZE_MISMATCH', `blob ${digest} is said to have ${sizes}`, {
        hint: 'the image contradicts itself; who made it must make it again',
        data: { digest, expected: before.size, found: part.size },
      })
    }
    this.#blobs.set(digest, part)
  }

  all(): Descriptor[] {
    return [...this.#blobs.values()]
  }
}
