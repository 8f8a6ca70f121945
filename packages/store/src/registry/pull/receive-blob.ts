import type { BlobStore } from '../../blobs/blob-store.js'
import { parseDigest } from '../../digest.js'
import { isCooperageError } from '../../errors.js'
import type { DecompressAside } from '../../formats/decompress-aside.js'
import { blame } from './blame.js'
import { type BlobChunksOptions, blobChunks } from './blob-chunks.js'

export interface ReceiveOptions extends Omit<BlobChunksOptions, 'from' | 'bulk'> {
  readonly store: BlobStore
  /** Told when the last byte has come, and the disk has yet to make sure of them. */
  readonly onReceived?: (() => void) | undefined
  /** Begins to decompress the blob while it arrives; asked for each attempt that begins with the first byte. */
  readonly aside?: (() => DecompressAside) | undefined
}

/**
 * Streams a blob into the store. Nothing is visible before size and digest are right; what was received of a blob that
 * was cut is kept for a later call. Resolves to `resumed` when that helped.
 * @throws E_DIGEST_MISMATCH, and as `blobChunks`
 */
export async function receiveBlob(options: ReceiveOptions): Promise<'moved' | 'resumed'> {
  for (let left = TRIES; left > 1; left--) {
    const outcome = await attempt(options)
    if (outcome !== 'wrong-beginning') return outcome
    // What an earlier call left was not the beginning of this blob; that is gone now.
  }
  return attempt(options, true) as Promise<'moved' | 'resumed'>
}

/** Several processes may each leave a wrong beginning. */
const TRIES = 3

async function attempt(
  options: ReceiveOptions,
  isLast = false,
): Promise<'moved' | 'resumed' | 'wrong-beginning'> {
  const { descriptor, store, call, server, onReceived } = options
  const digest = parseDigest(descriptor.digest)
  await using writer = await store.writer({
    expect: { digest, size: descriptor.size },
    resumable: true,
    ...(call.signal !== undefined && { signal: call.signal }),
  })
  const had = writer.written
  await using aside = had === 0 ? options.aside?.() : undefined
  try {
    const chunks = blobChunks({ ...options, from: had, bulk: { spare: () => writer.spare?.() } })
    for await (const chunk of chunks) {
      // First the one that copies: the writer takes chunks over.
      await aside?.write(chunk)
      await writer.write(chunk)
    }
    onReceived?.()
    await Promise.all([writer.commit(), aside?.end()])
    return had > 0 ? 'resumed' : 'moved'
  } catch (error) {
    const isWrong = had > 0 && isCooperageError(error) && error.code === 'E_DIGEST_MISMATCH'
    if (isWrong && !isLast) return 'wrong-beginning'
    throw blame(error, { host: server.host, digest })
  }
}
