import type { ErrorCode } from '../../errors.js'
import type { TransportResponse } from '../../http/transport.js'
import { TransportFailure } from '../../http/transport-failure.js'
import { registryError } from './registry-error.js'

/** The media type of an answer in small letters, without its parameters; empty when there is none. */
export function mediaTypeOf(response: TransportResponse): string {
  return (response.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/**
 * The whole body of an answer that is small by nature. A body that ends before its announced length is a failure of
 * the transport. @throws E_LIMIT, or `code`, above `limit` bytes; TransportFailure
 */
export async function readBody(
  response: TransportResponse,
  options: {
    readonly limit: number
    readonly host: string
    readonly what: string
    readonly code?: ErrorCode
  },
): Promise<Buffer> {
  const { limit, host, what, code = 'E_LIMIT' } = options
  const tooLarge = () =>
    registryError(code, { host, problem: `${what} is larger than ${limit} bytes` }, { data: { limit } })
  if (Number(response.headers['content-length'] ?? 0) > limit) {
    response.discard()
    throw tooLarge()
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.byteLength
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The first bytes of the body of an error, for its message; what cannot be read is no further error. */
export async function readErrorBody(response: TransportResponse, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size >= limit) break
    }
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
  }
  return Buffer.concat(chunks).subarray(0, limit)
}
