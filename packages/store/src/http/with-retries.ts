import { setTimeout } from 'node:timers/promises'

export interface RetryOptions {
  /** Milliseconds until the next try; undefined for what another try would not change. The first try is 1. */
  readonly waitAfter: (error: unknown, tried: number) => number | undefined
  readonly onRetry?: (error: unknown, about: { readonly tried: number; readonly wait: number }) => void
  readonly signal?: AbortSignal | undefined
  /** Default: the clock of the machine. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/** Works again after a failure that may pass, as long as `waitAfter` says so. */
export async function withRetries<T>(work: (tried: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { waitAfter, onRetry, signal, sleep = pause } = options
  for (let tried = 1; ; tried++) {
    try {
      return await work(tried)
    } catch (error) {
      const wait = signal?.aborted ? undefined : waitAfter(error, tried)
      if (wait === undefined) throw error
      onRetry?.(error, { tried, wait })
      await sleep(wait, signal)
    }
  }
}

async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
