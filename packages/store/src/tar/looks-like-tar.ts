import { hasChecksum } from './checksum.js'
import { BLOCK } from './layout.js'

/** Bytes that `looksLikeTar` needs. */
export const TAR_HEAD: number = BLOCK

/** True when the first block is a header with a right checksum, as a tar with an entry begins. */
export function looksLikeTar(head: Uint8Array): boolean {
  if (head.length < BLOCK) return false
  const block = Buffer.from(head.buffer, head.byteOffset, BLOCK)
  return block.some((byte) => byte !== 0) && hasChecksum(block)
}
