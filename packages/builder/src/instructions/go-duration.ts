import { goQuoteAscii } from './go-quote-ascii.js'

/** Why a text is no duration, in the words of Go's `time.ParseDuration`. */
export class DurationError extends Error {}

const MICROSECOND = 1_000n
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', MICROSECOND],
  ['\u00b5s', MICROSECOND],
  ['\u03bcs', MICROSECOND],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

/** One more than the longest duration: 64 bits with a sign, about 292 years. */
const LIMIT = 1n << 63n

/** Nanoseconds of a duration such as `1h15m30.5s`. Throws `DurationError`. */
export function parseGoDuration(text: string): bigint {
  const negative = text.startsWith('-')
  const unsigned = text.replace(/^[-+]/, '')
  if (unsigned === '0') return 0n
  const total = unsigned === '' ? LIMIT + 1n : sum(unsigned, text)
  if (negative ? total > LIMIT : total >= LIMIT) throw invalid(text)
  return negative ? -total : total
}

function sum(unsigned: string, whole: string): bigint {
  let total = 0n
  const part = /([0-9]*)(?:\.([0-9]*))?([^.0-9]*)/y
  while (part.lastIndex < unsigned.length) {
    const [, digits = '', fraction = '', unit = ''] = part.exec(unsigned) ?? []
    if (digits === '' && fraction === '') throw invalid(whole)
    const integer = BigInt(digits === '' ? '0' : digits)
    // The number is read first and may be too large on its own, whatever stands behind it.
    if (integer > LIMIT) throw invalid(whole)
    if (unit === '') throw new DurationError(`time: missing unit in duration ${goQuoteAscii(whole)}`)
    const size = UNITS.get(unit)
    if (size === undefined) {
      throw new DurationError(`time: unknown unit ${goQuoteAscii(unit)} in duration ${goQuoteAscii(whole)}`)
    }
    total += integer * size + fractionOf(fraction, size)
    if (total > LIMIT) throw invalid(whole)
  }
  return total
}

/** Digits behind the point in nanoseconds, with the rounding of Go's 64-bit floating point. */
function fractionOf(digits: string, size: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit)
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(size) / scale)))
}

function invalid(whole: string): DurationError {
  return new DurationError(`time: invalid duration ${goQuoteAscii(whole)}`)
}
