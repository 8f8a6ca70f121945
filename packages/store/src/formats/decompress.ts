import * as zlib from 'node:zlib'
import { CooperageError, hasErrno } from '../errors.js'
import { type Decompressor, inflateStream } from './inflate-stream.js'
import { peekStream } from './peek-stream.js'
import { type Compression, SNIFF_LENGTH, sniffCompression } from './sniff-compression.js'
import { zstdFrames } from './zstd-frames.js'

export interface DecompressOptions {
  /** Most bytes to come out; default 256 GiB. */
  readonly maxBytes?: number
  /** Most bytes out for one byte in, looked at only above 1 GiB: files of zeros honestly reach 1030 in gzip. Default 2000. */
  readonly maxRatio?: number
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

/**
 * The content of a stream that may be compressed, found by its first bytes and not by what a label says. Several
 * gzip members or zstd frames in a row are one content; zero bytes may follow them.
 *
 * @throws E_GZIP_DATA, E_GZIP_CHECKSUM, E_GZIP_TRUNCATED, E_GZIP_TRAILING; the same with E_ZSTD_…;
 * E_COMPRESSION_UNSUPPORTED for xz, bzip2, and zstd on a Node without it; E_LIMIT.
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const { head, stream } = await peekStream(source, SNIFF_LENGTH)
  const compression = sniffCompression(head)
  options.onCompression?.(compression)
  const what = options.what ?? 'the stream'
  let input = 0
  let output = 0
  try {
    for await (const chunk of inflate(compression, counted(), what)) {
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
  what: string,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') return source
  if (compression === 'gzip') {
    return withCodes('GZIP', what, (fault) =>
      inflateStream(source, zlib.createGunzip({ chunkSize: OUTPUT_CHUNK }), () =>
        fault('TRAILING', TRAILING),
      ),
    )
  }
  if (compression === 'zstd') {
    const create = zstdFactory(what)
    return withCodes('ZSTD', what, (fault) => inflateFrames(zstdFrames(source, fault), create, fault))
  }
  throw new CooperageError(
    'E_COMPRESSION_UNSUPPORTED',
    `${what} is compressed with ${compression}, which is not supported`,
    {
      hint: `decompress it first, or compress it with gzip`,
      data: { compression },
    },
  )
}

async function* inflateFrames(
  frames: AsyncIterable<AsyncIterable<Uint8Array>>,
  create: () => Decompressor,
  fault: Fault,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield* inflateStream(frame, create(), () => fault('TRAILING', TRAILING))
}

/** `node:zlib` has zstd from Node 22.15 and 23.8 on. */
function zstdFactory(what: string): () => Decompressor {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress')
  if (typeof create === 'function') return () => create({ chunkSize: OUTPUT_CHUNK }) as Decompressor
  throw new CooperageError(
    'E_COMPRESSION_UNSUPPORTED',
    `${what} is compressed with zstd, which Node ${process.versions.node} cannot read`,
    { hint: 'run with Node 22.15 or later', data: { compression: 'zstd' } },
  )
}

type Fault = (kind: string, problem: string, cause?: unknown) => CooperageError

const TRAILING = 'has other bytes after its compressed data'

/** Gives errors of the decompressor the codes of ours. */
async function* withCodes(
  family: 'GZIP' | 'ZSTD',
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
