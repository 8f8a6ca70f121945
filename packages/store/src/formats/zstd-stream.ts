import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { CooperageError } from '../errors.js'

export interface ZstdOptions {
  /** 1 to 22, or 0 for the library's own choice, which is 3; default 0. */
  readonly level?: number
  readonly signal?: AbortSignal
}

/** RFC 8878, 3.1.1.1.2: decoders are asked for windows of 8 MiB. The highest levels would take more. */
const WINDOW_LOG = 23
const FIRST_WIDE_LEVEL = 20

/** True where `node:zlib` has zstd: from Node 22.15 and 23.8 on. */
export function hasZstd(): boolean {
  return typeof Reflect.get(zlib, 'createZstdCompress') === 'function'
}

/**
 * Refuses zstd on a Node that cannot write it; to be called before work is done for it.
 * @throws E_COMPRESSION_UNSUPPORTED
 */
export function requireZstd(): void {
  if (hasZstd()) return
  throw new CooperageError(
    'E_COMPRESSION_UNSUPPORTED',
    `Node ${process.versions.node} cannot compress with zstd`,
    { hint: 'run with Node 22.15 or later, or choose compression=gzip', data: { compression: 'zstd' } },
  )
}

/**
 * One zstd frame with a checksum (RFC 8878). The bytes depend on content, level and the zstd of this Node build.
 * @throws E_COMPRESSION_UNSUPPORTED
 */
export async function* zstdStream(
  source: AsyncIterable<Uint8Array>,
  options: ZstdOptions = {},
): AsyncGenerator<Uint8Array> {
  const engine = createEngine(options.level ?? 0)
  const feeding = feed().catch((error: Error) => {
    engine.destroy(error)
    throw error
  })
  // Awaited below; this only keeps an early failure from counting as unhandled.
  feeding.catch(() => undefined)
  try {
    for await (const chunk of engine) yield chunk as Uint8Array
    await feeding
  } finally {
    engine.destroy()
    await feeding.catch(() => undefined)
  }

  async function feed(): Promise<void> {
    const closed = new Promise<void>((resolve) => engine.once('close', () => resolve()))
    for await (const chunk of source) {
      options.signal?.throwIfAborted()
      if (engine.destroyed) return
      // The source may use its buffer again, so that the next chunk is asked for when this one is taken in.
      await Promise.race([new Promise((resolve) => engine.write(chunk, resolve)), closed])
    }
    engine.end()
  }
}

function createEngine(level: number): Transform {
  requireZstd()
  const create = Reflect.get(zlib, 'createZstdCompress') as (options: object) => Transform
  const number = (name: string): number => Reflect.get(zlib.constants, name) as number
  return create({
    chunkSize: 256 * 1024,
    params: {
      [number('ZSTD_c_compressionLevel')]: level,
      [number('ZSTD_c_checksumFlag')]: 1,
      ...(level >= FIRST_WIDE_LEVEL && { [number('ZSTD_c_windowLog')]: WINDOW_LOG }),
    },
  })
}
