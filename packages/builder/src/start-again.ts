import { type CooperageError, isCooperageError } from '@cooperage/store'
import type { BuildOptions } from './build-options.js'

/** Why and how a build that failed is tried once more. */
export interface Again {
  readonly rule: string
  /** Nothing is a reason twice: the attempts end, and each is about something new. */
  readonly reason: string
  readonly options: BuildOptions
}

/** Damaged blobs that one build makes anew. A store with more of them has a disk that somebody should look at. */
const MOST = 128

/** The reason for which another attempt may succeed; undefined when it would fail as this one did. */
export function startAgain(
  error: CooperageError,
  options: BuildOptions,
  tried: ReadonlySet<string>,
): Again | undefined {
  const again = reasonOf(error, options)
  return again === undefined || tried.has(again.reason) || tried.size > MOST ? undefined : again
}

function reasonOf(error: CooperageError, options: BuildOptions): Again | undefined {
  switch (error.code) {
    case 'E_CTX_CHANGED':
      return { rule: 'ContextChanged', reason: error.code, options }
    case 'E_CACHE_LAYER':
      return { rule: 'CacheNotImported', reason: error.code, options: { ...options, cacheFrom: [] } }
    case 'E_STORE_CORRUPT': {
      // Set aside by whoever found it, so that the next attempt makes or fetches it. More may be damaged behind it.
      const { digest } = error.data
      return typeof digest === 'string' ? { rule: 'StoreDamaged', reason: digest, options } : undefined
    }
    default:
      return undefined
  }
}

/** True when an attempt failed only because there was no other way to get what the one before it lacked. */
export function isInVain(error: unknown, tried: ReadonlySet<string>): boolean {
  if (!isCooperageError(error)) return false
  // A context that came as a stream is there once.
  if (error.code === 'E_CTX_CONSUMED') return true
  return error.code === 'E_BLOB_MISSING' && tried.has(String(error.data.digest))
}
