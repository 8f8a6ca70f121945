import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { CooperageError } from '../errors.js'
import { unlessErrno } from './store-error.js'
import type { StoreFile, StoreFs } from './store-fs.js'

/** `full`: what was reported as stored survives a power cut. `none`: it survives a killed process only. */
export type Durability = 'full' | 'none'

/** Writes all of it, however short the single writes are. */
export async function writeFully(file: StoreFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.byteLength) {
    const count = await file.write(bytes.subarray(done), position + done)
    // A device that takes nothing and reports no error would hold us for ever.
    if (count === 0) throw new CooperageError('E_STORE_IO', 'a write took no bytes', { category: 'store' })
    done += count
  }
}

/** Fills the target unless the file ends before; returns the count of bytes. */
export async function readFully(file: StoreFile, target: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < target.byteLength) {
    const count = await file.read(target.subarray(done), position + done)
    if (count === 0) break
    done += count
  }
  return done
}

/** A new file that nobody else has open, for this user alone. */
export function createFile(fs: StoreFs, path: string): Promise<StoreFile> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  return fs.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
}

/** Opens a file for reading. O_NONBLOCK: a FIFO put in its place must not hang us. */
export function openForReading(fs: StoreFs, path: string): Promise<StoreFile> {
  return fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** Makes names in this directory durable. Some file systems cannot sync a directory and say EINVAL. */
export async function syncDirectory(fs: StoreFs, path: string): Promise<void> {
  const directory = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await unlessErrno(directory.sync(), 'EINVAL', 'ENOTSUP')
  } finally {
    await directory.close()
  }
}

/** Makes a directory for this user alone; true when it was not there before. */
export async function ensureDirectory(fs: StoreFs, path: string): Promise<boolean> {
  return (
    (await unlessErrno(
      fs.mkdir(path, 0o700).then(() => true),
      'EEXIST',
    )) ?? false
  )
}

/** Makes a directory and the missing ones above it; with `full`, their names are durable. */
export async function makeDirectory(fs: StoreFs, path: string, durability: Durability): Promise<void> {
  const parent = dirname(path)
  let isNew = await unlessErrno(ensureDirectory(fs, path), 'ENOENT')
  if (isNew === undefined) {
    await makeDirectory(fs, parent, durability)
    isNew = await ensureDirectory(fs, path)
  }
  if (isNew && durability === 'full') await syncDirectory(fs, parent)
}

/** The names in a directory; none when it is missing. */
export async function namesIn(fs: StoreFs, path: string): Promise<string[]> {
  return (await unlessErrno(fs.readdir(path), 'ENOENT', 'ENOTDIR')) ?? []
}

/** Removes a file; absent is not an error, and says false. */
export async function removeFile(fs: StoreFs, path: string): Promise<boolean> {
  return (
    (await unlessErrno(
      fs.unlink(path).then(() => true),
      'ENOENT',
    )) ?? false
  )
}

/** In bytes. */
const SMALL = 16 << 10

export interface Replacement {
  readonly path: string
  /** The content, one after the other. */
  readonly parts: readonly Uint8Array[]
  /** A path on the same file system that nobody else uses. */
  readonly temporary: string
  readonly durability: Durability
}

/**
 * Puts a whole file in the place of another, or of none; the last one wins and no reader sees a part. Makes the
 * directory of the file when it is missing. A failure leaves what was there.
 */
export async function replaceFile(fs: StoreFs, replacement: Replacement): Promise<void> {
  const { path, parts, temporary, durability } = replacement
  const directory = dirname(path)
  try {
    const file = await createFile(fs, temporary)
    try {
      let position = 0
      const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
      // A call costs more than a copy of a small file.
      for (const part of size <= SMALL ? [Buffer.concat(parts)] : parts) {
        await writeFully(file, part, position)
        position += part.byteLength
      }
      if (durability === 'full') await file.sync()
    } finally {
      await file.close()
    }
    const done = await unlessErrno(
      fs.rename(temporary, path).then(() => true),
      'ENOENT',
    )
    if (!done) {
      await makeDirectory(fs, directory, durability)
      await fs.rename(temporary, path)
    }
  } catch (error) {
    await removeFile(fs, temporary).catch(() => false)
    throw error
  }
  if (durability === 'full') await syncDirectory(fs, directory)
}
