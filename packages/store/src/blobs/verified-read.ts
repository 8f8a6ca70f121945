import { type Digest, Digester, digestAlgorithm } from '../digest.js'
import type { BlobDirectory } from './blob-directory.js'
import { blobCorrupt, blobMissing, sizeMismatch } from './blob-failure.js'
import { blobPath } from './blob-path.js'
import type { ReadOptions } from './blob-store.js'
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

/** The content of a blob in fresh chunks; throws in the last step when it was not what its name says. */
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
    const threaded = directory.fs.native && stat.size >= THREAD_FROM
    const chunks = threaded
      ? threadedChunks({ threads: directory.threads, fd: file.fd, size: stat.size, algorithm })
      : inlineChunks(file, stat.size, algorithm)
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
  const chunks = inlineChunks(opened.file, opened.stat.size, digestAlgorithm(digest))
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

async function* inlineChunks(
  file: StoreFile,
  size: number,
  algorithm: 'sha256' | 'sha512',
): AsyncGenerator<Uint8Array, Passed> {
  const digester = new Digester(algorithm)
  let position = 0
  while (position < size) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - position))
    const count = await file.read(chunk, position)
    if (count === 0) break
    position += count
    const bytes = chunk.subarray(0, count)
    digester.update(bytes)
    yield bytes
  }
  return { digest: digester.digest(), size: position }
}
