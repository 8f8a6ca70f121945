import { BLOCK, FIELD } from './layout.js'
import { readNumeric } from './numeric.js'

const FROM = FIELD.checksum.at
const TO = FROM + FIELD.checksum.length
const SPACES = 0x20 * FIELD.checksum.length

/** True when the checksum is right, with bytes counted as unsigned (POSIX) or as signed (old compilers). */
export function hasChecksum(block: Uint8Array): boolean {
  const expected = readNumeric(block, FIELD.checksum)
  let sum = SPACES
  for (let index = 0; index < FROM; index++) sum += block[index]!
  for (let index = TO; index < BLOCK; index++) sum += block[index]!
  return expected === sum || (expected !== undefined && expected === sum - 256 * highBytes(block))
}

/** How many bytes are negative as signed ones. */
function highBytes(block: Uint8Array): number {
  let count = 0
  for (let index = 0; index < BLOCK; index++)
    if (block[index]! >= 0x80 && (index < FROM || index >= TO)) count++
  return count
}
