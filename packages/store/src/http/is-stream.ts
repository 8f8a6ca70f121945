import type { TransportRequest } from './transport.js'

/** True for a body that can be sent once only. */
export function isStream(body: TransportRequest['body']): body is AsyncIterable<Uint8Array> {
  return body !== undefined && !(body instanceof Uint8Array)
}
