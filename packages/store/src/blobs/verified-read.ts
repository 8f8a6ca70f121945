import { type Digest, Digester, digestAlgorithm } from '../digest.js'
import type { BlobDirectory } from './blob-directory.js'
import { blobCorrupt, blobMissing, sizeMismatch } from './blob-failure.js'
import { blobPath } from './blob-path.js'
import type { ReadOptions } from './blob-store.js'
import { THREADS_BESIDE_TRANSFERS } from './blob-threads.js'
import { quarantine } from './quarantine.js'
import { typedErrors } from './store-error.js'
import type { StoreFile, StoreStat } from './store-fs.js'
import { threadedChunks } from './threaded-chunks.js'
import { openBlob } from './verify.js'

const CHUNK = 1 << 20
/** From this size on the hash is computed on another thread. */
const THREAD_FROM = 8 << 20

/** What passed by: the digest of the bytes that were read, and their count. */
export interface Passed {
  readonly digest: Digest
  readonly size: number
}

/**
 * The content of a blob; throws in the last step when it was not what its name says. Chunks are fresh, but for a
 * transfer, where each is the reader's until the next one is asked for.
 */
export async function* verifiedRead(
  directory: BlobDirectory,
  digest: Digest,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const path = blobPath(directory.root, digest)
  options.signal?.throwIfAborted()
  const opened = await typedErrors(path, () => openBlob(directory, digest))
  if (opened === undefined) throw blobMissing(digest)
  const { file, stat } = opened
  try {
    if (options.size !== undefined && options.size !== stat.size) {
      await refuse(directory, digest, { file, stat })
      throw sizeMismatch(options.size, stat.size)
    }
    const algorithm = digestAlgorithm(digest)
    const isTransfer = options.transfer === true
    const threaded =
      directory.fs.native && stat.size >= THREAD_FROM && (!isTransfer || THREADS_BESIDE_TRANSFERS)
    const chunks = threaded
      ? threadedChunks({ threads: directory.threads, fd: file.fd, size: stat.size, algorithm })
      : inlineChunks(file, { size: stat.size, algorithm, reuse: isTransfer })
    const passed = yield* watched(chunks, path, options.signal)
    if (passed.digest === digest) {
      directory.sound.add(digest)
      return
    }
    directory.sound.delete(digest)
    await quarantine(directory.fs, { root: directory.root, digest, examined: stat })
    throw blobCorrupt(digest, { expected: digest, found: passed.digest, size: passed.size, path })
  } finally {
    await file.close()
  }
}

/** A size that the reader did not expect: his mistake, or damage. If it is damage, the blob goes. */
async function refuse(
  directory: BlobDirectory,
  digest: Digest,
  opened: { file: StoreFile; stat: StoreStat },
): Promise<void> {
  const algorithm = digestAlgorithm(digest)
  const chunks = inlineChunks(opened.file, { size: opened.stat.size, algorithm, reuse: true })
  for (;;) {
    const next = await chunks.next()
    if (!next.done) continue
    if (next.value.digest === digest) return
    return quarantine(directory.fs, { root: directory.root, digest, examined: opened.stat })
  }
}

async function* watched(
  chunks: AsyncGenerator<Uint8Array, Passed>,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, Passed> {
  try {
    for (;;) {
      const next = await typedErrors(path, () => chunks.next())
      signal?.throwIfAborted()
      if (next.done) return next.value
      yield next.value
    }
  } finally {
    await chunks.return({ digest: '' as Digest, size: 0 })
  }
}

/** `reuse`: all chunks are read into one buffer, as memory that was used before is there at once. */
async function* inlineChunks(
  file: StoreFile,
  { size, algorithm, reuse }: { size: number; algorithm: 'sha256' | 'sha512'; reuse: boolean },
): AsyncGenerator<Uint8Array, Passed> {
  const digester = new Digester(algorithm)
  let buffer: Buffer | undefined
  let position = 0
  while (position < size) {
    const left = Math.min(CHUNK, size - position)
    // A chunk that spans its whole buffer is taken over by some, and would not come back.
    buffer = reuse ? (buffer ?? Buffer.allocUnsafeSlow(left + 1)) : Buffer.allocUnsafeSlow(left)
    const chunk = buffer.subarray(0, left)
    const count = await file.read(chunk, position)
    if (count === 0) break
    position += count
    const bytes = chunk.subarray(0, count)
    digester.update(bytes)
    yield bytes
  }
  return { digest: digester.digest(), size: position }
}
