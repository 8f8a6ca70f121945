import { isCooperageError } from '@cooperage/store'
import { withRetries as retry } from '@cooperage/store/http'

const TRIES = 4
const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000
const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504])

/** Works again after a failure that may pass: a busy server, a connection that broke. */
export function withRetries<T>(
  work: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly onRetry: (message: string) => void },
): Promise<T> {
  const { signal, onRetry } = options
  const waitAfter = (error: unknown, tried: number) => (tried < TRIES ? waitFor(error, tried) : undefined)
  return retry(work, { waitAfter, signal, onRetry: (error) => onRetry((error as Error).message) })
}

/** Milliseconds; undefined for what will not pass. */
function waitFor(error: unknown, tried: number): number | undefined {
  if (!isCooperageError(error)) return undefined
  const wait = FIRST_WAIT * 2 ** (tried - 1)
  if (error.code === 'E_HTTP_TRUNCATED') return wait
  if (error.code === 'E_HTTP_CONNECT') return error.data.reset === true ? wait : undefined
  if (error.code !== 'E_HTTP_STATUS' || !TRANSIENT_STATUS.has(Number(error.data.status))) return undefined
  const { retryAfter } = error.data
  return typeof retryAfter === 'number' ? Math.min(retryAfter * 1000, LONGEST_WAIT) : wait
}
