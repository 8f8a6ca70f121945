import { dirname } from 'node:path'
import type { Digest } from '../digest.js'
import { CooperageError, hasErrno } from '../errors.js'
import { type BlobDirectory, SYNCED } from './blob-directory.js'
import { blobPath } from './blob-path.js'
import { makeDirectory, removeFile, syncDirectory } from './files.js'
import { quarantine } from './quarantine.js'
import { unlessErrno } from './store-error.js'

export interface FinishedFile {
  /** Written, checked, and synced if the store is durable. */
  readonly temporary: string
  readonly digest: Digest
  readonly size: number
}

/** Each turn answers another process that did something in between; more than a few means something else is wrong. */
const TURNS = 8

/**
 * Gives a finished file the name of its digest, durably, and removes the temporary name. Without a lock, among any
 * number of processes: `link` never replaces, so exactly one wins and the rest find its blob. Resolves to whether
 * the blob existed.
 */
export async function publish(directory: BlobDirectory, file: FinishedFile): Promise<boolean> {
  const { fs, root, durability } = directory
  const path = blobPath(root, file.digest)
  const existed = await name(directory, path, file)
  if (durability === 'full') await syncDirectory(fs, dirname(path))
  // The blob is in its place; a leftover name is for the collector, and no reason to fail.
  await removeFile(fs, file.temporary).catch(() => false)
  return existed
}

async function name(directory: BlobDirectory, path: string, file: FinishedFile): Promise<boolean> {
  const { fs, durability } = directory
  for (let turn = 0; turn < TURNS; turn++) {
    try {
      await fs.link(file.temporary, path)
      return false
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) {
        if (await adopt(directory, path, file)) return true
      } else if (hasErrno(error, 'ENOENT')) {
        // The first blob of this shard; a second ENOENT means that our own file is gone.
        if (turn > 0 && (await unlessErrno(fs.lstat(file.temporary), 'ENOENT')) === undefined) throw error
        await makeDirectory(fs, dirname(path), durability)
      } else if (hasErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) {
        // A file system without hard links. Replacing is harmless: both have the same bytes.
        const existed = (await unlessErrno(fs.lstat(path), 'ENOENT')) !== undefined
        await makeDirectory(fs, dirname(path), durability)
        await fs.rename(file.temporary, path)
        return existed
      } else throw error
    }
  }
  throw new CooperageError('E_STORE_IO', `could not give a blob its name: ${path}`, { category: 'store' })
}

/** True when the blob that is there will do; false when it was gone or had to go, and the name must be tried again. */
async function adopt(directory: BlobDirectory, path: string, file: FinishedFile): Promise<boolean> {
  const { fs, root, durability, now } = directory
  const found = await unlessErrno(fs.lstat(path), 'ENOENT')
  if (found === undefined) return false
  if (found.kind !== 'file' || found.size !== file.size) {
    await quarantine(fs, { root, digest: file.digest, examined: found })
    return false
  }
  if (found.mode !== SYNCED && durability === 'full') {
    // Someone was content with less: our synced copy takes its place.
    await fs.rename(file.temporary, path)
    return true
  }
  // Fresh again, so that a collector that goes by age spares it; ENOENT: it did not, and we link once more.
  return (
    (await unlessErrno(
      fs.utimes(path, now()).then(() => true),
      'ENOENT',
    )) ?? false
  )
}
