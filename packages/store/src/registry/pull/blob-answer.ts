import type { TransportResponse } from '../../http/transport.js'

/** What an answer to a request for the bytes of a blob from `from` on holds. */
export type BlobAnswer =
  /** The bytes from here on. */
  | { readonly kind: 'content'; readonly startsAt: number }
  /** Another part than was asked for, or none: ask for the whole. */
  | { readonly kind: 'unusable' }
  /** A blob of another size. */
  | { readonly kind: 'wrong-size'; readonly found: number }

/** RFC 9110, 14.4 and 15.3.7. */
export function readBlobAnswer(
  response: TransportResponse,
  asked: { readonly from: number; readonly size: number },
): BlobAnswer {
  const { from, size } = asked
  if (response.status === 200) {
    const length = response.headers['content-length']
    // Only what is there is judged: chunked bodies announce nothing.
    if (length !== undefined && Number(length) !== size) return { kind: 'wrong-size', found: Number(length) }
    return { kind: 'content', startsAt: 0 }
  }
  if (response.status !== 206) return { kind: 'unusable' }
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(response.headers['content-range'] ?? '')
  if (range === null || Number(range[1]) !== from) return { kind: 'unusable' }
  if (range[3] !== '*' && Number(range[3]) !== size) return { kind: 'wrong-size', found: Number(range[3]) }
  return { kind: 'content', startsAt: from }
}
