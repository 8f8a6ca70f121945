import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { CooperageError } from '../../errors.js'
import { ByteQueue } from '../../tar/byte-queue.js'
import { type Fault, TRAILING } from '../fault.js'
import { WINDOW_LIMIT, windowTooLarge } from '../window-limit.js'
import { readBlockHeader } from './block-header.js'
import { LzmaDecoder } from './lzma-decoder.js'
import { LARGEST_CHUNK, lzma2 } from './lzma2.js'
import { XZ_CHECKS, type XzCheck } from './xz-check.js'
import { XzInput } from './xz-input.js'

const MAGIC = Buffer.from('fd377a585a00', 'hex')
const FOOTER_MAGIC = Buffer.from('YZ')

/**
 * The content of an .xz file ("The .xz File Format", 1.2.1): all its streams, and their padding. Every check and the
 * index are verified, and a block's content has been given out by the time that its check is. Each piece is good until
 * the next is asked for.
 * @throws E_XZ_DATA, E_XZ_CHECKSUM, E_XZ_TRUNCATED, E_XZ_TRAILING by `fault`; E_LIMIT for a dictionary over 128 MiB;
 * E_COMPRESSION_UNSUPPORTED for filters beside LZMA2 and for checks that nobody writes
 */
export async function* xzStream(
  source: AsyncIterable<Uint8Array>,
  what: string,
  fault: Fault,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteQueue(source)
  const decoders = new Decoders(what)
  try {
    const input = new XzInput(bytes, fault)
    let head = Buffer.from(await input.take(MAGIC.length))
    for (;;) {
      if (!head.equals(MAGIC)) throw fault('TRAILING', TRAILING)
      yield* oneStream(input, what, decoders)
      const next = await afterPadding(input)
      if (next === undefined) return
      head = Buffer.concat([next, await input.take(MAGIC.length - next.length)])
    }
  } finally {
    await bytes.close()
  }
}

/** Keeps the decoder, and with it its memory, for blocks that have the same dictionary. */
class Decoders {
  readonly #what: string
  #dictionary = 0
  #decoder: LzmaDecoder | undefined

  constructor(what: string) {
    this.#what = what
  }

  for(dictionary: number): LzmaDecoder {
    if (dictionary > WINDOW_LIMIT) throw windowTooLarge(this.#what, dictionary)
    if (this.#decoder === undefined || this.#dictionary !== dictionary) {
      this.#dictionary = dictionary
      this.#decoder = new LzmaDecoder(dictionary, LARGEST_CHUNK)
    }
    return this.#decoder
  }
}

async function* oneStream(input: XzInput, what: string, decoders: Decoders): AsyncGenerator<Uint8Array> {
  const flags = await streamFlags(input)
  const check = XZ_CHECKS.get(flags[1]! & 0xf)
  if (check === undefined) {
    throw new CooperageError(
      'E_COMPRESSION_UNSUPPORTED',
      `${what} is checked by xz in a way that is not supported`,
      { hint: 'compress it again: xz -dc FILE | xz -c', data: { compression: 'xz', check: flags[1]! & 0xf } },
    )
  }
  const blocks = new Records()
  for (;;) {
    input.restart()
    const size = await input.byte()
    if (size === 0) break
    yield* block(input, { size, what, check, decoders, blocks })
  }
  await readIndex(input, blocks)
  await readFooter(input, flags, input.taken)
}

/** The two bytes after the magic, checked. The first is reserved, the second is the kind of check. */
async function streamFlags(input: XzInput): Promise<Buffer> {
  const header = await input.take(6)
  const flags = Buffer.from(header.subarray(0, 2))
  if (crc32(flags) !== header.readUInt32LE(2)) throw badSum(input, 'the header of the stream')
  if (flags[0] !== 0 || flags[1]! > 0xf) throw input.damaged('flags of the stream')
  return flags
}

interface Block {
  readonly size: number
  readonly what: string
  readonly check: XzCheck
  readonly decoders: Decoders
  readonly blocks: Records
}

async function* block(input: XzInput, options: Block): AsyncGenerator<Uint8Array> {
  const header = await readBlockHeader(input, options.size, options.what)
  const check = options.check.start()
  let unpacked = 0
  for await (const piece of lzma2(input, options.decoders.for(header.dictionary))) {
    check.update(piece)
    unpacked += piece.length
    yield piece
  }
  const packed = input.taken - header.length
  if ((header.packed ?? packed) !== packed || (header.unpacked ?? unpacked) !== unpacked) {
    throw input.damaged('the sizes of a block')
  }
  await input.padding()
  const found = check.digest()
  if (!(await input.take(options.check.size)).equals(found)) throw badSum(input, 'a block')
  options.blocks.add(header.length + packed + options.check.size, unpacked)
}

/** The sizes of blocks, summed up in constant space to be compared with those that the index names. */
class Records {
  readonly #hash: Hash = createHash('sha256')
  count = 0

  add(unpadded: number, unpacked: number): void {
    this.count++
    this.#hash.update(`${unpadded} ${unpacked}\n`)
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
}

/** After the zero byte that begins it. */
async function readIndex(input: XzInput, blocks: Records): Promise<void> {
  const named = new Records()
  const count = await input.number()
  if (count !== blocks.count) throw input.damaged('the index')
  while (named.count < count) named.add(await input.number(), await input.number())
  if (named.digest() !== blocks.digest()) throw input.damaged('the index')
  await input.padding()
  const { checksum } = input
  if ((await input.take(4)).readUInt32LE() !== checksum) throw badSum(input, 'the index')
}

async function readFooter(input: XzInput, flags: Buffer, indexSize: number): Promise<void> {
  const footer = await input.take(12)
  if (crc32(footer.subarray(4, 10)) !== footer.readUInt32LE()) throw badSum(input, 'the end of the stream')
  const isSame = footer.subarray(8, 10).equals(flags) && (footer.readUInt32LE(4) + 1) * 4 === indexSize
  if (!isSame || !footer.subarray(10).equals(FOOTER_MAGIC)) throw input.damaged('the end of the stream')
}

/** The first four bytes of the next stream; undefined when there is none. Padding comes in fours. */
async function afterPadding(input: XzInput): Promise<Buffer | undefined> {
  for (;;) {
    const four = await input.takeSome(4)
    if (four.length === 0) return undefined
    if (four.some((byte) => byte !== 0)) {
      if (!MAGIC.subarray(0, four.length).equals(four)) throw input.fault('TRAILING', TRAILING)
      return Buffer.from(four)
    }
    if (four.length < 4) throw input.fault('TRUNCATED', 'ends too early (its padding)')
  }
}

function badSum(input: XzInput, part: string): Error {
  return input.fault('CHECKSUM', `fails its own checksum (${part})`)
}
