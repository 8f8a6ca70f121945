import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'

/** E_BLOB_MISSING. */
export function blobMissing(digest: Digest): CooperageError {
  return new CooperageError('E_BLOB_MISSING', `the store has no blob ${digest}`, {
    category: 'store',
    hint: 'build or pull the image again',
    data: { digest },
  })
}

export interface Expectation {
  readonly digest?: Digest
  readonly size?: number
}

/** Compares what was written with what was announced. @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH */
export function checkExpectation(
  expect: Expectation | undefined,
  found: { digest: Digest; size: number },
): void {
  if (expect?.size !== undefined && expect.size !== found.size) throw sizeMismatch(expect.size, found.size)
  if (expect?.digest !== undefined && expect.digest !== found.digest) {
    throw new CooperageError('E_DIGEST_MISMATCH', `content is ${found.digest}, not ${expect.digest}`, {
      category: 'store',
      hint: 'the content was changed on its way here; nothing of it was kept',
      data: { expected: expect.digest, found: found.digest },
    })
  }
}

/** E_SIZE_MISMATCH, in bytes. */
export function sizeMismatch(expected: number, found: number): CooperageError {
  return new CooperageError('E_SIZE_MISMATCH', `content has ${found} bytes or more, not ${expected}`, {
    category: 'store',
    hint: 'the content was cut or changed on its way here; nothing of it was kept',
    data: { expected, found },
  })
}

/** E_STORE_CORRUPT: bytes on disk that are not those of their name. */
export function blobCorrupt(digest: Digest, data: Readonly<Record<string, unknown>>): CooperageError {
  return new CooperageError('E_STORE_CORRUPT', `blob ${digest} is damaged and was set aside`, {
    category: 'store',
    hint: 'build or pull the image again; if this comes back, check the disk',
    data: { digest, ...data },
  })
}

/** E_LIMIT for a blob that is too large to be held in memory. */
export function blobTooLarge(digest: Digest, size: number, limit: number): CooperageError {
  return new CooperageError('E_LIMIT', `blob ${digest} has ${size} bytes, more than the limit of ${limit}`, {
    data: { digest, size, limit },
  })
}

/** E_RANGE: a part that reaches past the end. */
export function rangeOutside(offset: number, length: number, size: number): CooperageError {
  return new CooperageError('E_RANGE', `bytes ${offset} to ${offset + length} of a blob of ${size} bytes`, {
    category: 'internal',
    data: { offset, length, size },
  })
}
