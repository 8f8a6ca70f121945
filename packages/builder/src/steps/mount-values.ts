const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** A boolean as Go's `strconv.ParseBool` reads it. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true
  return FALSE.has(text) ? false : undefined
}

/** A whole number below 2^32 in the given base, digits only. */
export function parseUint32(text: string, base: 8 | 10): number | undefined {
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) return undefined
  const value = Number.parseInt(text, base)
  return value < 2 ** 32 ? value : undefined
}

const UNITS = 'bkmgtp'

/** Bytes of a size such as `64m`, `1.5GiB`, `1e3`, `100`: units are powers of 1024, as docker/go-units reads them. */
export function parseRamSize(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text)
  if (match === null) return undefined
  const unit = (match[2] ?? 'b').toLowerCase()
  const size = Math.floor(Number(match[1]) * 1024 ** UNITS.indexOf(unit))
  return size >= 0 ? size : undefined
}
