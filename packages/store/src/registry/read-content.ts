import { parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import type { Descriptor } from '../image/types.js'
import type { Content } from './content.js'
import { digestLike } from './digest-of-bytes.js'

/** A manifest or index from a source, checked. @throws E_LIMIT above 4 MiB, E_SIZE_MISMATCH, E_DIGEST_MISMATCH */
export async function readContent(
  content: Content,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { size } = descriptor
  const digest = parseDigest(descriptor.digest)
  if (size > JSON_LIMIT) {
    throw new CooperageError('E_LIMIT', `${digest} has ${size} bytes, more than ${JSON_LIMIT}`, {
      data: { digest, limit: JSON_LIMIT, found: size },
    })
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content.read(descriptor, signal === undefined ? {} : { signal })) {
    length += chunk.byteLength
    if (length > size) break
    chunks.push(Uint8Array.from(chunk))
  }
  if (length !== size) {
    throw new CooperageError(
      'E_SIZE_MISMATCH',
      `${digest} has ${length} bytes, its descriptor says ${size}`,
      {
        data: { digest, expected: size, found: length },
      },
    )
  }
  const bytes = Buffer.concat(chunks)
  const found = digestLike(digest, bytes)
  if (found === digest) return bytes
  throw new CooperageError('E_DIGEST_MISMATCH', `content is ${found}, not ${digest}`, {
    data: { expected: digest, found },
  })
}
