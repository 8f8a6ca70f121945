import { CooperageError } from '@cooperage/store/errors'

/** Everything that a source gives, up to `limit` bytes. @throws E_LIMIT as soon as there is more; `what` names the source. */
export async function readLimited(
  source: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > limit) {
      throw new CooperageError('E_LIMIT', `${what} is larger than ${limit} bytes`, { data: { limit } })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
