import type { BlobStore } from '../../blobs/blob-store.js'
import { abortable } from '../transport/abortable.js'

/** Blobs that are being fetched: whoever wants one that somebody else of this process fetches waits for it. */
export class Flights<T> {
  readonly #flights = new WeakMap<BlobStore, Map<string, Promise<T>>>()

  /** When the fetch that was joined fails, whoever joined it fetches for itself: the reason may be the other's abort. */
  async join(
    key: { readonly store: BlobStore; readonly digest: string },
    signal: AbortSignal | undefined,
    options: { readonly fetch: () => Promise<T>; readonly joined: () => T },
  ): Promise<T> {
    let flights = this.#flights.get(key.store)
    if (flights === undefined) {
      flights = new Map()
      this.#flights.set(key.store, flights)
    }
    for (;;) {
      const other = flights.get(key.digest)
      if (other === undefined) break
      try {
        await abortable(other, signal)
        return options.joined()
      } catch {
        signal?.throwIfAborted()
      }
    }
    const own = options.fetch()
    flights.set(key.digest, own)
    try {
      return await own
    } finally {
      flights.delete(key.digest)
    }
  }
}
