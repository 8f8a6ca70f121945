import { Decompress } from 'fzstd'
import xxhash from 'xxhash-wasm'
import { CooperageError } from '../errors.js'
import type { Fault } from './fault.js'
import type { ZstdFrame } from './zstd-frames.js'

const DICTIONARY = 3
/** Bytes that the decoder may move for nothing, and beside them for each byte that comes out. */
const FREE_MOVES = 4 * 1024 ** 3
const MOVES_PER_BYTE = 1100

/**
 * The content of a zstd frame, for a Node that has no zstd. Its checksum and its size are verified here, as the
 * library does neither. Each piece is good until the next is asked for.
 * @throws the faults DATA and CHECKSUM; E_LIMIT for a frame of so many tiny blocks that it would take forever
 */
export async function* portableZstd(
  frame: ZstdFrame,
  what: string,
  fault: Fault,
): AsyncGenerator<Uint8Array> {
  const { header, hasChecksum, contentSize, window } = frame
  if ((header[4]! & DICTIONARY) !== 0) throw fault('DATA', 'needs a dictionary that is not part of it')
  const hash = hasChecksum ? (await xxhash()).create64() : undefined
  let out: Uint8Array[] = []
  let size = 0
  let moved = 0
  let sum: number | undefined
  const decoder = new Decompress((piece) => void out.push(piece))
  for await (const part of frame) {
    const isLast = part !== header && (part[0]! & 1) === 1
    if (isLast && hasChecksum) sum = Buffer.from(part.subarray(-4)).readUInt32LE()
    out = []
    try {
      decoder.push(Uint8Array.from(part), isLast)
    } catch (error) {
      throw fault('DATA', `is damaged (${(error as Error).message})`, error)
    }
    for (const piece of out) {
      hash?.update(piece)
      size += piece.length
      if (piece.length > 0) yield piece
    }
    // The library moves its whole window for each block, however short.
    moved += window
    if (moved > FREE_MOVES + size * MOVES_PER_BYTE) throw tooManyBlocks(what)
  }
  if (contentSize !== undefined && contentSize !== BigInt(size)) throw fault('DATA', 'is damaged (its size)')
  if (hash !== undefined && Number(hash.digest() & 0xffff_ffffn) !== sum) {
    throw fault('CHECKSUM', 'fails its own checksum')
  }
}

function tooManyBlocks(what: string): CooperageError {
  return new CooperageError('E_LIMIT', `${what} is compressed in too many small blocks for its window`, {
    hint: 'run with Node 22.15 or later, which has a decompressor of its own',
    data: { limit: 'blocks' },
  })
}
