import type { Field } from './layout.js'

const LARGEST: readonly number[] = Array.from({ length: 13 }, (_, length) => 8 ** (length - 1) - 1)

/** The largest number that fits `length` (at most 12) bytes of octal digits and the closing NUL. */
export function largestOctal(length: number): number {
  return LARGEST[length]!
}

/**
 * The number in a header field: octal digits, led by spaces (or one NUL, which old writers left there), ended by a
 * NUL or a space, or base-256 when the first bit is set. A blank field is 0. May be negative (base-256).
 * Undefined when it is not a number, or not a safe integer.
 */
export function readNumeric(block: Uint8Array, field: Field): number | undefined {
  const first = block[field.at]!
  return first >= 0x80 ? readBase256(block, field) : readOctal(block, field)
}

function readOctal(block: Uint8Array, { at, length }: Field): number | undefined {
  const end = at + length
  let index = at
  if (block[index] === 0) index++
  while (index < end && block[index] === 0x20) index++
  const digits = index
  let value = 0
  for (; index < end; index++) {
    const digit = block[index]! - 0x30
    if (digit < 0 || digit > 7) break
    value = value * 8 + digit
  }
  // What follows a NUL is not looked at by anybody when digits came before it; else it must be blank, because
  // GNU tar would read nothing there and Go the digits behind.
  if (index > digits && block[index] === 0) return value
  for (; index < end; index++) if (block[index] !== 0 && block[index] !== 0x20) return undefined
  return value
}

/** Two's complement, big-endian, the first bit being the marker and the second the sign. */
function readBase256(block: Uint8Array, { at, length }: Field): number | undefined {
  const first = block[at]!
  const flip = (first & 0x40) === 0 ? 0 : 0xff
  let value = (first ^ flip) & 0x7f
  for (let index = at + 1; index < at + length; index++) {
    value = value * 256 + (block[index]! ^ flip)
    if (value > Number.MAX_SAFE_INTEGER) return undefined
  }
  return flip === 0 ? value : -value - 1
}
