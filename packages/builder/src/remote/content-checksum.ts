import { createHash } from 'node:crypto'
import type { BlobStore } from '@cooperage/store'
import { httpError } from './http-error.js'
import type { RemoteFile } from './remote-file.js'

/** Hashes what passes by, for a checksum such as `sha384:…`; undefined when none was asked for. */
export class ContentChecksum {
  readonly #expected: string
  readonly #algorithm: string
  readonly #hash: ReturnType<typeof createHash>

  constructor(expected: string) {
    this.#expected = expected
    this.#algorithm = expected.slice(0, expected.indexOf(':'))
    this.#hash = createHash(this.#algorithm)
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  /** Ends the computation. @throws E_DIGEST_MISMATCH with both */
  check(url: string | URL): void {
    checkEqual(url, this.#expected, `${this.#algorithm}:${this.#hash.digest('hex')}`)
  }
}

/** Checks a file that is in the store already; it is read only for an algorithm that is not the store's. */
export async function checkStored(
  file: RemoteFile,
  expected: string,
  options: { readonly url: string; readonly blobs: BlobStore; readonly signal: AbortSignal },
): Promise<void> {
  if (expected.startsWith('sha256:')) return checkEqual(options.url, expected, file.digest)
  const checksum = new ContentChecksum(expected)
  for await (const chunk of options.blobs.read(file.digest, options)) checksum.update(chunk)
  checksum.check(options.url)
}

function checkEqual(url: string | URL, expected: string, found: string): void {
  if (expected === found) return
  throw httpError(
    'E_DIGEST_MISMATCH',
    { url, problem: `digest mismatch ${found}: expected: ${expected}` },
    {
      hint: 'the server sent other bytes than the checksum is of: find out why before changing it',
      data: { expected, found },
    },
  )
}
