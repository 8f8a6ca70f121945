import { setImmediate } from 'node:timers/promises'
import * as zlib from 'node:zlib'
import { CooperageError, hasErrno } from '../errors.js'
import { type Fault, TRAILING } from './fault.js'
import { type Decompressor, inflateStream } from './inflate-stream.js'
import { peekStream } from './peek-stream.js'
import { type Compression, SNIFF_LENGTH, sniffCompression } from './sniff-compression.js'
import { type ZstdFrame, zstdFrames } from './zstd-frames.js'

export interface DecompressOptions {
  /** Most bytes to come out; default 256 GiB. */
  readonly maxBytes?: number
  /** Most bytes out for one byte in, looked at only above 1 GiB: files of zeros honestly reach 1030 in gzip. Default 2000. */
  readonly maxRatio?: number
  /** Most bytes of a chunk that gzip and, where Node has it, zstd give. Default 256 KiB. */
  readonly chunkSize?: number
  /** What the stream is, for messages, such as `layer sha256:…`. */
  readonly what?: string
  /** Told once, before the first byte. */
  readonly onCompression?: (compression: Compression) => void
  readonly signal?: AbortSignal
}

const GIBIBYTE = 1024 ** 3
const DEFAULT_MAX_BYTES = 256 * GIBIBYTE
/** Above what gzip can do at all (1032): what exceeds it is a zstd bomb. */
const DEFAULT_MAX_RATIO = 2000
/** Large enough that the trip to the thread pool and back costs little. */
const OUTPUT_CHUNK = 256 * 1024
/** Bytes out between two turns of other work. */
const TURN = 1024 * 1024

/**
 * The content of a stream that may be compressed, found by its first bytes and not by what a label says: gzip, zstd,
 * xz, bzip2. Several members, frames or streams in a row are one content; zero bytes may follow them. A chunk is good
 * until the next is asked for.
 *
 * @throws E_GZIP_DATA, E_GZIP_CHECKSUM, E_GZIP_TRUNCATED, E_GZIP_TRAILING; the same with E_ZSTD_…, E_XZ_… and
 * E_BZIP2_…; E_COMPRESSION_UNSUPPORTED for forms of xz and bzip2 that nobody writes by default; E_LIMIT, also for a
 * dictionary over 128 MiB.
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const { head, stream } = await peekStream(source, SNIFF_LENGTH)
  const compression = sniffCompression(head)
  options.onCompression?.(compression)
  const { what = 'the stream', chunkSize = OUTPUT_CHUNK } = options
  let input = 0
  let output = 0
  try {
    for await (const chunk of inflate(compression, counted(), { what, chunkSize })) {
      options.signal?.throwIfAborted()
      output += chunk.length
      checkLimits(input, output, options)
      yield chunk
    }
  } finally {
    await stream.return()
  }

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      input += chunk.length
      yield chunk
    }
  }
}

function inflate(
  compression: Compression,
  source: AsyncIterable<Uint8Array>,
  { what, chunkSize }: { readonly what: string; readonly chunkSize: number },
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return source
    case 'gzip':
      return withCodes('GZIP', what, (fault) =>
        inflateStream(source, zlib.createGunzip({ chunkSize }), () => fault('TRAILING', TRAILING)),
      )
    case 'zstd':
      return withCodes('ZSTD', what, (fault) =>
        inflateFrames(zstdFrames(source, what, fault), { what, chunkSize, fault }),
      )
    case 'xz':
      return withCodes('XZ', what, (fault) => withTurns(loaded(() => xz(source, what, fault))))
    case 'bzip2':
      return withCodes('BZIP2', what, (fault) => withTurns(loaded(() => bzip2(source, what, fault))))
  }
}

async function xz(source: AsyncIterable<Uint8Array>, what: string, fault: Fault) {
  return (await import('./xz/xz-stream.js')).xzStream(source, what, fault)
}

async function bzip2(source: AsyncIterable<Uint8Array>, what: string, fault: Fault) {
  return (await import('./bzip2/bzip2-stream.js')).bzip2Stream(source, what, fault)
}

/** What few streams need is not loaded before. */
async function* loaded(load: () => Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await load()
}

async function* inflateFrames(
  frames: AsyncIterable<ZstdFrame>,
  { what, chunkSize, fault }: { readonly what: string; readonly chunkSize: number; readonly fault: Fault },
): AsyncGenerator<Uint8Array> {
  const create = zstdFactory(chunkSize)
  for await (const frame of frames) {
    if (create !== undefined) yield* inflateStream(frame, create(), () => fault('TRAILING', TRAILING))
    else
      yield* withTurns(
        loaded(async () => (await import('./portable-zstd.js')).portableZstd(frame, what, fault)),
      )
  }
}

/** `node:zlib` has zstd from Node 22.15 and 23.8 on. */
function zstdFactory(chunkSize: number): (() => Decompressor) | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress')
  if (typeof create !== 'function') return undefined
  return () => create({ chunkSize }) as Decompressor
}

/** Lets other work in between: a decompressor in JavaScript would keep the thread for as long as there is input. */
async function* withTurns(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let since = 0
  for await (const chunk of stream) {
    yield chunk
    since += chunk.length
    if (since < TURN) continue
    since = 0
    await setImmediate()
  }
}

/** Gives errors of the decompressor the codes of ours. */
async function* withCodes(
  family: 'GZIP' | 'ZSTD' | 'XZ' | 'BZIP2',
  what: string,
  run: (fault: Fault) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const fault: Fault = (kind, problem, cause) =>
    new CooperageError(`E_${family}_${kind}`, `${what} ${problem}`, { cause })
  try {
    yield* run(fault)
  } catch (error) {
    if (hasErrno(error, 'Z_BUF_ERROR')) throw fault('TRUNCATED', 'ends too early', error)
    if (hasErrno(error, 'Z_DATA_ERROR') && error instanceof Error) {
      if (/incorrect (?:data|length) check/.test(error.message)) {
        throw fault('CHECKSUM', 'fails its own checksum', error)
      }
      // A header is looked for only where data begins, and the first one was sniffed: this is after a whole member.
      if (/incorrect header check/.test(error.message)) throw fault('TRAILING', TRAILING, error)
    }
    if (hasErrno(error, 'ZSTD_error_checksum_wrong')) throw fault('CHECKSUM', 'fails its own checksum', error)
    if (error instanceof Error && /^(?:Z_|ZSTD_)/.test((error as NodeJS.ErrnoException).code ?? '')) {
      throw fault('DATA', `is damaged (${error.message})`, error)
    }
    throw error
  }
}

function checkLimits(input: number, output: number, options: DecompressOptions): void {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
  const maxRatio = options.maxRatio ?? DEFAULT_MAX_RATIO
  const what = options.what ?? 'the stream'
  if (output > maxBytes) {
    throw new CooperageError('E_LIMIT', `${what} decompresses to more than ${maxBytes} bytes`, {
      data: { limit: 'maxBytes', value: maxBytes },
    })
  }
  if (output > GIBIBYTE && output > input * maxRatio) {
    throw new CooperageError('E_LIMIT', `${what} decompresses to more than ${maxRatio} times its size`, {
      data: { limit: 'maxRatio', value: maxRatio },
    })
  }
}
