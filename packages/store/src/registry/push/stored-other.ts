import { isDigest } from '../../digest.js'
import type { TransportResponse } from '../../http/transport.js'

/** The digest that a registry says it stored, where that is of the same algorithm and another than what was meant. */
export function storedOther(response: TransportResponse, meant: string): string | undefined {
  const stored = response.headers['docker-content-digest']
  const isOther = isDigest(stored) && stored.slice(0, 6) === meant.slice(0, 6) && stored !== meant
  return isOther ? stored : undefined
}
