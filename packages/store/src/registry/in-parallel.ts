export interface ParallelOptions {
  /** How many at once. */
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

/**
 * Works on all items, a few at once, begun in their order. The first failure ends the rest by their signal, and is
 * thrown when all have ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  options: ParallelOptions,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const { signal: outer } = options
  const signal = outer === undefined ? failed.signal : AbortSignal.any([outer, failed.signal])
  const queue = items[Symbol.iterator]()
  let failure: { readonly error: unknown } | undefined
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && !signal.aborted; next = queue.next()) {
      try {
        await work(next.value, signal)
      } catch (error) {
        failure ??= { error }
        failed.abort(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.limit) }, lane))
  outer?.throwIfAborted()
  if (failure !== undefined) throw failure.error
}
