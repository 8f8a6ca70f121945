import { goQuote } from '../dockerfile/go-quote.js'

/** A list of strings as Go's `%q`: `["a" "b c"]`. */
export function quoteGoList(items: readonly string[]): string {
  return `[${items.map(goQuote).join(' ')}]`
}

/** A list of strings as Go's `%v`: `[a b c]`. */
export function formatGoList(items: readonly string[]): string {
  return `[${items.join(' ')}]`
}

/** Nanoseconds as Go's `time.Duration` writes them: `1h30m0s`, `1.5ms`, `0s`. */
export function formatGoDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e3) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${decimal(nanoseconds, 3)}µs`
  if (nanoseconds < 1e9) return `${decimal(nanoseconds, 6)}ms`
  const minutes = Math.floor(nanoseconds / 60e9)
  const seconds = `${decimal(nanoseconds - minutes * 60e9, 9)}s`
  if (minutes === 0) return seconds
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`
}

/** `value` with its last `places` digits after the point and no zero at the end. */
function decimal(value: number, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = digits.slice(0, -places)
  return fraction === '' ? whole : `${whole}.${fraction}`
}
