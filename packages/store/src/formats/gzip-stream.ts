import { availableParallelism } from 'node:os'
import { constants, crc32, deflateRaw } from 'node:zlib'

export interface GzipOptions {
  /** 0 (stored) to 9; default 6. */
  readonly level?: number
  readonly signal?: AbortSignal
}

/** A block is compressed by one thread. Part of the format: another size makes other bytes. */
const BLOCK = 1024 * 1024
/** How far deflate looks back. */
const WINDOW = 32 * 1024
const NO_BYTES: Buffer = Buffer.alloc(0)

/**
 * One gzip member, compressed in blocks on the thread pool. Each block knows the 32 KiB before it and ends at a byte
 * boundary, so the pieces join to one deflate stream that is hardly larger than one made in a single run. The bytes
 * depend on content, level and the zlib of this Node build, not on the number of threads or the chunks of the source.
 */
export async function* gzipStream(
  source: AsyncIterable<Uint8Array>,
  options: GzipOptions = {},
): AsyncGenerator<Uint8Array> {
  const level = options.level ?? 6
  if (level === 0) return yield* storedStream(source, options)
  const ahead = availableParallelism() + 1
  const pending: Promise<Buffer>[] = []
  let checksum = 0
  let length = 0
  let previous: Buffer | undefined
  let dictionary = NO_BYTES

  yield gzipHeader(level)
  for await (const block of blocks(source, BLOCK)) {
    options.signal?.throwIfAborted()
    checksum = crc32(block, checksum)
    length += block.length
    // One block is held back, because only the last one may say that it is the last.
    if (previous) start(previous, false)
    previous = block
    while (pending.length > ahead) yield (await pending.shift()) as Buffer
  }
  start(previous ?? NO_BYTES, true)
  for (const block of pending) yield await block
  yield gzipTrailer(checksum, length)

  function start(block: Buffer, last: boolean): void {
    const compressed = deflateBlock(block, { level, last, dictionary })
    // Awaited in its turn; this only keeps an early failure from counting as unhandled.
    compressed.catch(() => undefined)
    pending.push(compressed)
    dictionary = block.subarray(-WINDOW)
  }
}

/** The largest block that deflate can store (RFC 1951, 3.2.4). */
const LARGEST_STORED = 65_535

/** Nothing is compressed: full blocks and an empty last one, byte for byte as Go's encoder stores them. */
async function* storedStream(
  source: AsyncIterable<Uint8Array>,
  options: GzipOptions,
): AsyncGenerator<Uint8Array> {
  let checksum = 0
  let length = 0
  yield gzipHeader(0)
  for await (const block of blocks(source, LARGEST_STORED)) {
    options.signal?.throwIfAborted()
    checksum = crc32(block, checksum)
    length += block.length
    yield storedHeader(block.length, false)
    yield block
  }
  yield storedHeader(0, true)
  yield gzipTrailer(checksum, length)
}

function storedHeader(length: number, isLast: boolean): Uint8Array {
  const [low, high] = [length & 0xff, length >> 8]
  return Uint8Array.of(isLast ? 1 : 0, low, high, low ^ 0xff, high ^ 0xff)
}

/**
 * No name, no time; the fields in which zlib's builds differ as Go sets them: 2 at level 9 and 4 at level 1 for the
 * effort, 255 (unknown) for the system.
 */
function gzipHeader(level: number): Uint8Array {
  const effort = level === 9 ? 2 : level === 1 ? 4 : 0
  return Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, effort, 255)
}

function gzipTrailer(checksum: number, length: number): Uint8Array {
  const trailer = new Uint8Array(8)
  const view = new DataView(trailer.buffer)
  view.setUint32(0, checksum, true)
  // RFC 1952: the length modulo 2^32, which the conversion to 32 bits does.
  view.setUint32(4, length % 2 ** 32, true)
  return trailer
}

interface BlockOptions {
  readonly level: number
  readonly last: boolean
  readonly dictionary: Buffer
}

function deflateBlock(block: Buffer, { level, last, dictionary }: BlockOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflateRaw(
      block,
      {
        level,
        finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
        // Room for a block that does not shrink: one trip to the thread pool.
        chunkSize: BLOCK + 1024,
        ...(dictionary.length > 0 && { dictionary }),
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    )
  })
}

/** The stream in blocks of equal size, the last one shorter, each in a buffer of its own. */
async function* blocks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafeSlow(size)
  let filled = 0
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + size - filled)
      block.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled === size) {
        yield block
        block = Buffer.allocUnsafeSlow(size)
        filled = 0
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}
