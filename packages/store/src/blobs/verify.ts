import { type Digest, Digester, digestAlgorithm } from '../digest.js'
import { type BlobDirectory, SYNCED } from './blob-directory.js'
import { blobPath } from './blob-path.js'
import { openForReading } from './files.js'
import { quarantine } from './quarantine.js'
import { rescue } from './rescue.js'
import { unlessErrno } from './store-error.js'
import type { StoreFile, StoreStat } from './store-fs.js'

const CHUNK = 1 << 20

/** The file of a blob: undefined when absent. What is no regular file is set aside and counts as absent. */
export async function openBlob(
  directory: BlobDirectory,
  digest: Digest,
): Promise<{ file: StoreFile; stat: StoreStat } | undefined> {
  const { fs, root } = directory
  const path = blobPath(root, digest)
  const open = () => unlessErrno(openForReading(fs, path), 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')
  let file = await open()
  if (file === undefined && (await rescue(directory, digest))) file = await open()
  if (file === undefined) {
    const found = await unlessErrno(fs.lstat(path), 'ENOENT', 'ENOTDIR')
    if (found !== undefined && found.kind !== 'file') await quarantine(fs, { root, digest, examined: found })
    return undefined
  }
  const stat = await file.stat()
  if (stat.kind === 'file') return { file, stat }
  await file.close()
  await quarantine(fs, { root, digest, examined: stat })
  return undefined
}

/** Reads a blob from end to end: its state when it is sound; a damaged one is set aside and counts as absent. */
export async function findVerified(directory: BlobDirectory, digest: Digest): Promise<StoreStat | undefined> {
  const opened = await openBlob(directory, digest)
  if (opened === undefined) return undefined
  const { file, stat } = opened
  try {
    if ((await digestOfFile(file, digestAlgorithm(digest))) === digest) return stat
  } finally {
    await file.close()
  }
  await quarantine(directory.fs, { root: directory.root, digest, examined: stat })
  return undefined
}

/**
 * A blob that may not have reached the disk before a power cut: verifies it, and makes it durable, so that this is
 * done once. Undefined when it is damaged.
 */
export async function promote(directory: BlobDirectory, digest: Digest): Promise<StoreStat | undefined> {
  const { fs, root } = directory
  const found = await findVerified(directory, digest)
  if (found === undefined || found.mode === SYNCED) return found
  const opened = await openBlob(directory, digest)
  if (opened === undefined) return undefined
  try {
    await opened.file.sync()
  } finally {
    await opened.file.close()
  }
  await unlessErrno(fs.chmod(blobPath(root, digest), SYNCED), 'EROFS', 'EACCES', 'EPERM', 'ENOENT')
  return { ...found, mode: SYNCED }
}

async function digestOfFile(file: StoreFile, algorithm: 'sha256' | 'sha512'): Promise<Digest> {
  const digester = new Digester(algorithm)
  const chunk = Buffer.allocUnsafeSlow(CHUNK)
  for (let position = 0; ; ) {
    const count = await file.read(chunk, position)
    if (count === 0) return digester.digest()
    digester.update(chunk.subarray(0, count))
    position += count
  }
}
