const table = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0)
  table[byte] = value
}

/** The CRC-32 of bzip2, which takes the highest bit first; begins with -1, and the result is inverted. */
export function blockCrc(bytes: Uint8Array, before: number): number {
  let crc = before
  for (const byte of bytes) crc = (crc << 8) ^ table[(crc >>> 24) ^ byte]!
  return crc
}
