import { ByteQueue } from '../tar/byte-queue.js'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
/** RFC 8878, 3.1.1.2.4: no block is larger. */
const MAX_BLOCK = 128 * 1024

/** Makes the error for a stream that is not what it should be. */
export type ZstdFault = (kind: 'TRUNCATED' | 'TRAILING' | 'DATA', problem: string) => Error

/**
 * Takes a zstd stream apart into its frames (RFC 8878), each to be read to its end before the next is asked for;
 * skippable frames are passed over, zero bytes may follow the last. The decompressor of Node needs this: it stops
 * after one frame and does not notice that a frame was cut.
 */
export async function* zstdFrames(
  source: AsyncIterable<Uint8Array>,
  fault: ZstdFault,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const bytes = new ByteQueue(source)
  try {
    for (;;) {
      const magic = Buffer.from(await bytes.take(4))
      if (magic.length === 0) return
      const value = magic.length === 4 ? magic.readUInt32LE() : 0
      if (value === FRAME) yield frame(magic)
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

  async function* frame(magic: Buffer): AsyncGenerator<Uint8Array> {
    const descriptor = await take(1)
    const flags = descriptor[0] ?? 0
    yield Buffer.concat([magic, descriptor, await take(headerLength(flags))])
    for (let last = false; !last; ) {
      const header = await take(3)
      const fields = header.readUIntLE(0, 3)
      last = (fields & 1) === 1
      const runLength = ((fields >> 1) & 3) === 1
      const size = runLength ? 1 : fields >> 3
      if (size > MAX_BLOCK) throw fault('DATA', 'is damaged (a block is too large)')
      const checksum = last && (flags & 4) !== 0 ? 4 : 0
      yield Buffer.concat([header, await take(size + checksum)])
    }
  }

  async function padding(first: Uint8Array): Promise<void> {
    for (let part: Uint8Array | undefined = first; part !== undefined; part = await bytes.some(Infinity)) {
      if (part.some((byte) => byte !== 0))
        throw fault('TRAILING', 'has other bytes after its compressed data')
    }
  }
}

/** Bytes of the frame header after its descriptor: window, dictionary, content size (RFC 8878, 3.1.1.1.1). */
function headerLength(flags: number): number {
  const single = (flags & 0x20) !== 0
  const window = single ? 0 : 1
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  const size = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  return window + dictionary + size
}
