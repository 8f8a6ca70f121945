import { ByteQueue } from '../tar/byte-queue.js'
import { type Fault, TRAILING } from './fault.js'
import { WINDOW_LIMIT, windowTooLarge } from './window-limit.js'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
/** RFC 8878, 3.1.1.2.4: no block is larger. */
const MAX_BLOCK = 128 * 1024

/** A frame of a zstd stream. Its pieces are its header, then its blocks, one by one; the last brings the checksum along. */
export interface ZstdFrame extends AsyncIterable<Uint8Array> {
  readonly header: Uint8Array
  readonly hasChecksum: boolean
  /** Of the content in bytes, where the frame says it. */
  readonly contentSize: bigint | undefined
  /** How far back it may look, in bytes. */
  readonly window: number
}

/**
 * Takes a zstd stream apart into its frames (RFC 8878), each to be read to its end before the next is asked for;
 * skippable frames are passed over, zero bytes may follow the last. The decompressor of Node needs this: it stops
 * after one frame and does not notice that a frame was cut.
 * @throws the faults, and E_LIMIT for a frame that looks back over 128 MiB
 */
export async function* zstdFrames(
  source: AsyncIterable<Uint8Array>,
  what: string,
  fault: Fault,
): AsyncGenerator<ZstdFrame> {
  const bytes = new ByteQueue(source)
  try {
    for (;;) {
      const magic = Buffer.from(await bytes.take(4))
      if (magic.length === 0) return
      const value = magic.length === 4 ? magic.readUInt32LE() : 0
      if (value === FRAME) yield await frame(magic)
      else if ((value & ~0xf) >>> 0 === SKIPPABLE) await skip((await take(4)).readUInt32LE())
      else return await padding(magic)
    }
  } finally {
    await bytes.close()
  }

  async function take(length: number): Promise<Buffer> {
    const taken = Buffer.from(await bytes.take(length))
    if (taken.length < length) throw cut()
    return taken
  }

  async function skip(length: number): Promise<void> {
    if ((await bytes.skip(length)) < length) throw cut()
  }

  function cut(): Error {
    return fault('TRUNCATED', 'ends too early')
  }

  async function frame(magic: Buffer): Promise<ZstdFrame> {
    const descriptor = (await take(1))[0]!
    const fields = await take(headerLength(descriptor))
    const contentSize = contentSizeOf(descriptor, fields)
    const window = windowOf(descriptor, fields, contentSize)
    if (window > WINDOW_LIMIT) throw windowTooLarge(what, window)
    const hasChecksum = (descriptor & 4) !== 0
    const header = Buffer.concat([magic, Buffer.of(descriptor), fields])
    return {
      header,
      hasChecksum,
      contentSize,
      window,
      [Symbol.asyncIterator]: () => pieces(header, hasChecksum),
    }
  }

  async function* pieces(frameHeader: Buffer, hasChecksum: boolean): AsyncGenerator<Uint8Array> {
    yield frameHeader
    for (let last = false; !last; ) {
      const header = await take(3)
      const fields = header.readUIntLE(0, 3)
      last = (fields & 1) === 1
      const runLength = ((fields >> 1) & 3) === 1
      const size = runLength ? 1 : fields >> 3
      if (size > MAX_BLOCK) throw fault('DATA', 'is damaged (a block is too large)')
      const checksum = last && hasChecksum ? 4 : 0
      yield Buffer.concat([header, await take(size + checksum)])
    }
  }

  async function padding(first: Uint8Array): Promise<void> {
    for (let part: Uint8Array | undefined = first; part !== undefined; part = await bytes.some(Infinity)) {
      if (part.some((byte) => byte !== 0)) throw fault('TRAILING', TRAILING)
    }
  }
}

const DICTIONARY_BYTES = [0, 1, 2, 4]

/** Bytes of the frame header after its descriptor: window, dictionary, content size (RFC 8878, 3.1.1.1.1). */
function headerLength(descriptor: number): number {
  return (isSingle(descriptor) ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + sizeBytes(descriptor)
}

function isSingle(descriptor: number): boolean {
  return (descriptor & 0x20) !== 0
}

function sizeBytes(descriptor: number): number {
  return [isSingle(descriptor) ? 1 : 0, 2, 4, 8][descriptor >> 6]!
}

function contentSizeOf(descriptor: number, fields: Buffer): bigint | undefined {
  const bytes = sizeBytes(descriptor)
  const at = fields.length - bytes
  if (bytes === 0) return undefined
  if (bytes === 8) return fields.readBigUInt64LE(at)
  return BigInt(fields.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0))
}

/** How far back the frame may look (RFC 8878, 3.1.1.1.2): of a single segment, over all of it. */
function windowOf(descriptor: number, fields: Buffer, contentSize: bigint | undefined): number {
  if (isSingle(descriptor)) return Number(contentSize ?? 0n)
  const base = 2 ** (10 + (fields[0]! >> 3))
  return base + (base / 8) * (fields[0]! & 7)
}
