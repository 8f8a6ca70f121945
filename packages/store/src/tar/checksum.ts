import { BLOCK, FIELD } from './layout.js'
import { readNumeric } from './numeric.js'

const FROM = FIELD.checksum.at
const TO = FROM + FIELD.checksum.length
const SPACES = 0x20 * FIELD.checksum.length

/** The sum of the header's bytes, its checksum field taken as spaces. The field itself must be zero. */
export function sumHeader(block: Uint8Array): number {
  let sum = SPACES
  for (let index = 0; index < BLOCK; index++) sum += block[index]!
  return sum
}

/** True when the checksum is right, with bytes counted as unsigned (POSIX) or as signed (old compilers). */
export function hasChecksum(block: Uint8Array): boolean {
  const expected = readNumeric(block, FIELD.checksum)
  if (expected === undefined) return false
  let sum = SPACES
  let high = 0
  for (let index = 0; index < BLOCK; index++) {
    if (index === FROM) index = TO
    const byte = block[index]!
    sum += byte
    if (byte >= 0x80) high++
  }
  return expected === sum || expected === sum - 256 * high
}
