import type { BlobStore } from '../../blobs/blob-store.js'
import { parseDigest } from '../../digest.js'
import { isCooperageError } from '../../errors.js'
import type { Slots } from '../slots.js'
import { blame } from './blame.js'
import { type BlobChunksOptions, blobChunks } from './blob-chunks.js'

export interface ReceiveOptions extends Omit<BlobChunksOptions, 'from' | 'bulk'> {
  readonly store: BlobStore
  /** Held while bytes come, and not while they are put on the disk for good. */
  readonly transfers?: Slots | undefined
}

/**
 * Streams a blob into the store. Nothing is visible before size and digest are right; what was received of a blob that
 * was cut is kept for a later call. Resolves to `resumed` when that helped.
 * @throws E_DIGEST_MISMATCH, and as `blobChunks`
 */
export async function receiveBlob(options: ReceiveOptions): Promise<'moved' | 'resumed'> {
  const first = await attempt(options)
  if (first !== 'wrong-beginning') return first
  // What an earlier call left was not the beginning of this blob; that is gone now.
  const second = await attempt(options)
  return second === 'wrong-beginning' ? 'moved' : second
}

async function attempt(options: ReceiveOptions): Promise<'moved' | 'resumed' | 'wrong-beginning'> {
  const { descriptor, store, call, server, transfers } = options
  const digest = parseDigest(descriptor.digest)
  await using writer = await store.writer({
    expect: { digest, size: descriptor.size },
    resumable: true,
    ...(call.signal !== undefined && { signal: call.signal }),
  })
  const had = writer.written
  try {
    const transfer = async () => {
      const chunks = blobChunks({ ...options, from: had, bulk: { spare: () => writer.spare?.() } })
      for await (const chunk of chunks) await writer.write(chunk)
    }
    await (transfers === undefined ? transfer() : transfers.within(call.signal, transfer))
    await writer.commit()
    return had > 0 ? 'resumed' : 'moved'
  } catch (error) {
    if (had > 0 && isCooperageError(error) && error.code === 'E_DIGEST_MISMATCH') return 'wrong-beginning'
    throw blame(error, { host: server.host, digest })
  }
}
