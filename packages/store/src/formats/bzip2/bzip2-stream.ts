import { CooperageError } from '../../errors.js'
import { ByteQueue } from '../../tar/byte-queue.js'
import { type Fault, TRAILING } from '../fault.js'
import { BitInput } from './bit-input.js'
import { blockCrc } from './block-crc.js'
import { readBlock } from './read-block.js'
import { untransform } from './untransform.js'

const MAGIC = 'BZh'
const BLOCK = 0x314159265359
const END = 0x177245385090
const BLOCK_UNIT = 100_000

/**
 * The content of a bzip2 file: all its streams, and zero bytes after them. The checksums of blocks and streams are
 * verified, and a block's content has been given out by the time that its checksum is. Each piece is good until the
 * next is asked for.
 * @throws E_BZIP2_DATA, E_BZIP2_CHECKSUM, E_BZIP2_TRUNCATED, E_BZIP2_TRAILING by `fault`; E_COMPRESSION_UNSUPPORTED
 * for blocks as bzip2 wrote them before 0.9.5
 */
export async function* bzip2Stream(
  source: AsyncIterable<Uint8Array>,
  what: string,
  fault: Fault,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteQueue(source)
  try {
    const input = new BitInput(bytes, fault)
    while (await begins(input)) {
      const level = input.read(8) - 0x30
      if (level < 1 || level > 9) throw input.damaged('the size of its blocks')
      yield* oneStream(input, what, new Uint32Array(level * BLOCK_UNIT))
    }
  } finally {
    await bytes.close()
  }
}

/** Reads the magic of the next stream; false when there are only zero bytes. */
async function begins(input: BitInput): Promise<boolean> {
  let isPadding = false
  for (let matched = 0; ; ) {
    await input.ensure(1)
    const byte = input.byte()
    if (byte === undefined) {
      if (matched > 0) throw input.fault('TRUNCATED', 'ends too early')
      return false
    }
    if (byte === 0 && matched === 0) isPadding = true
    else if (isPadding || byte !== MAGIC.charCodeAt(matched)) throw input.fault('TRAILING', TRAILING)
    else if (++matched === MAGIC.length) break
  }
  await input.ensure(1)
  return true
}

async function* oneStream(input: BitInput, what: string, block: Uint32Array): AsyncGenerator<Uint8Array> {
  let combined = 0
  for (;;) {
    await input.ensure(16)
    const mark = input.read(24) * 2 ** 24 + input.read(24)
    const expected = input.word()
    if (mark === END) {
      if (expected !== combined >>> 0) throw badSum(input)
      return input.align()
    }
    if (mark !== BLOCK) throw input.damaged('the beginning of a block')
    if (input.read(1) === 1) throw randomised(what)
    let crc = -1
    for (const piece of untransform(block, await readBlock(input, block))) {
      crc = blockCrc(piece, crc)
      yield piece
    }
    if (~crc >>> 0 !== expected) throw badSum(input)
    combined = ((combined << 1) | (combined >>> 31)) ^ expected
  }
}

function badSum(input: BitInput): Error {
  return input.fault('CHECKSUM', 'fails its own checksum')
}

function randomised(what: string): CooperageError {
  return new CooperageError(
    'E_COMPRESSION_UNSUPPORTED',
    `${what} is compressed as bzip2 did before version 0.9.5, which is not supported`,
    { hint: 'compress it again: bzip2 -dc FILE | bzip2 -c', data: { compression: 'bzip2' } },
  )
}
