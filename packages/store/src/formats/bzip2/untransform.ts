import type { TransformedBlock } from './read-block.js'

const PIECE = 64 * 1024

/**
 * The content of a block: the Burrows-Wheeler transform undone, and the runs of four bytes and a count. `block` is used
 * up; each piece is good until the next is asked for.
 */
export function* untransform(block: Uint32Array, { bytes, origin }: TransformedBlock): Generator<Uint8Array> {
  const starts = new Uint32Array(256)
  for (let i = 0; i < bytes; i++) starts[block[i]! & 0xff]!++
  let sum = 0
  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte]!
    starts[byte] = sum
    sum += count
  }
  // In the upper 24 bits, where the byte after this one is.
  for (let i = 0; i < bytes; i++) {
    const at = starts[block[i]! & 0xff]!++
    block[at] = block[at]! | (i << 8)
  }
  const piece = new Uint8Array(PIECE)
  let filled = 0
  let at = block[origin]! >>> 8
  let previous = -1
  let equal = 0
  for (let left = bytes; left > 0; left--) {
    const entry = block[at]!
    const byte = entry & 0xff
    at = entry >>> 8
    if (filled > PIECE - 256) {
      yield piece.subarray(0, filled)
      filled = 0
    }
    if (equal === 4) {
      piece.fill(previous, filled, filled + byte)
      filled += byte
      equal = 0
      previous = -1
      continue
    }
    equal = byte === previous ? equal + 1 : 1
    previous = byte
    piece[filled++] = byte
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
