import type { Nanoseconds } from '@cooperage/store'
import { goQuote } from '../dockerfile/go-quote.js'

/** A list of strings as Go's `%q`: `["a" "b c"]`. */
export function quoteGoList(items: readonly string[]): string {
  return `[${items.map(goQuote).join(' ')}]`
}

/** A list of strings as Go's `%v`: `[a b c]`. */
export function formatGoList(items: readonly string[]): string {
  return `[${items.join(' ')}]`
}

/** Nanoseconds, none below zero, as Go's `time.Duration` writes them: `1h30m0s`, `1.5ms`, `0s`. */
export function formatGoDuration(duration: Nanoseconds): string {
  const nanoseconds = BigInt(duration)
  if (nanoseconds === 0n) return '0s'
  if (nanoseconds < MICROSECOND) return `${nanoseconds}ns`
  if (nanoseconds < MILLISECOND) return `${decimal(nanoseconds, 3)}µs`
  if (nanoseconds < SECOND) return `${decimal(nanoseconds, 6)}ms`
  const minutes = nanoseconds / (60n * SECOND)
  const seconds = `${decimal(nanoseconds % (60n * SECOND), 9)}s`
  if (minutes === 0n) return seconds
  const hours = minutes / 60n
  return hours === 0n ? `${minutes}m${seconds}` : `${hours}h${minutes % 60n}m${seconds}`
}

const MICROSECOND = 1_000n
const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n

/** `value` with its last `places` digits after the point and no zero at the end. */
function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = digits.slice(0, -places)
  return fraction === '' ? whole : `${whole}.${fraction}`
}
