import { setTimeout } from 'node:timers/promises'
import { isCooperageError } from '@cooperage/store'

const TRIES = 4
const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000
const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504])

/** Works again after a failure that may pass: a busy server, a connection that broke. */
export async function withRetries<T>(
  work: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly onRetry: (message: string) => void },
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      const wait = waitAfter(error, tried)
      if (wait === undefined || tried === TRIES) throw error
      options.onRetry((error as Error).message)
      await setTimeout(wait, undefined, { signal: options.signal })
    }
  }
}

/** Milliseconds; undefined for what will not pass. */
function waitAfter(error: unknown, tried: number): number | undefined {
  if (!isCooperageError(error)) return undefined
  const wait = FIRST_WAIT * 2 ** (tried - 1)
  if (error.code === 'E_HTTP_TRUNCATED') return wait
  if (error.code === 'E_HTTP_CONNECT') return error.data.reset === true ? wait : undefined
  if (error.code !== 'E_HTTP_STATUS' || !TRANSIENT_STATUS.has(Number(error.data.status))) return undefined
  const { retryAfter } = error.data
  return typeof retryAfter === 'number' ? Math.min(retryAfter * 1000, LONGEST_WAIT) : wait
}

/** Seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
