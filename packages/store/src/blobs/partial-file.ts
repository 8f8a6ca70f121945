import { constants } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../digest.js'
import type { BlobDirectory } from './blob-directory.js'
import { flatBlobName } from './blob-path.js'
import { createFile, ensureDirectory, namesIn, openForReading, removeFile } from './files.js'
import { isSessionAlive, readRoots } from './session-life.js'
import { unlessErrno } from './store-error.js'
import type { StoreFile } from './store-fs.js'

/** The folder of unfinished blobs that outlive their session, below `ingest`. No session has this name. */
const PARTIALS = 'partial'

/** A file of another mode is a blob, or nearly: a writer was stopped just before, or just after, it gave it its name. */
const BEING_WRITTEN = 0o600
const MODE = 0o7777

/**
 * The beginning of a blob, in the folder of the session that writes it. The name by which others would find it again
 * is there only while nobody writes, so whoever takes it away has it alone: a rename has one winner, and needs no lock.
 */
export interface PartialFile {
  readonly path: string
  readonly handle: StoreFile
  /**
   * Bytes from its beginning on that were written, one block after the other. Only the digest of the whole can tell
   * whether they are right: a power cut leaves holes.
   */
  readonly have: number
}

interface Wanted {
  readonly digest: Digest
  readonly size: number
}

/** Takes over what an earlier writer left of a blob, or begins a file that a later one can take over. */
export async function claimPartial(directory: BlobDirectory, blob: Wanted): Promise<PartialFile> {
  const { fs, root, session } = directory
  const name = flatBlobName(blob.digest)
  // Each writer of this session has its own; the digest in the name is for others when this process is killed.
  const path = `${await session.temporary()}-${name}`
  const left = join(root, 'ingest', PARTIALS, name)
  const taken =
    (await takeOver(directory, { ...blob, path, from: left })) ?? (await rescued(directory, blob, path))
  return taken ?? { path, handle: await createFile(fs, path), have: 0 }
}

/** What a killed process left in the folder of its session. */
async function rescued(
  directory: BlobDirectory,
  blob: Wanted,
  path: string,
): Promise<PartialFile | undefined> {
  const { fs, root, session } = directory
  const end = `-${flatBlobName(blob.digest)}`
  for (const id of await namesIn(fs, join(root, 'ingest'))) {
    if (id === PARTIALS || id === session.id) continue
    for (const name of await namesIn(fs, join(root, 'ingest', id))) {
      if (!name.endsWith(end) || (await mayBeWritten(directory, id))) continue
      const taken = await takeOver(directory, { ...blob, path, from: join(root, 'ingest', id, name) })
      if (taken !== undefined) return taken
    }
  }
  return undefined
}

/** A session without a file of roots has ended, but perhaps not a writer that it forgot. */
async function mayBeWritten({ fs, root }: BlobDirectory, id: string): Promise<boolean> {
  const opening = openForReading(fs, join(root, 'sessions', `${id}.roots`))
  const file = await unlessErrno(opening, 'ENOENT', 'ELOOP', 'EACCES')
  if (file === undefined) return true
  try {
    return await isSessionAlive(fs, file, await readRoots(file))
  } finally {
    await file.close()
  }
}

async function takeOver(
  { fs }: BlobDirectory,
  { from, path, size }: Wanted & { readonly from: string; readonly path: string },
): Promise<PartialFile | undefined> {
  const moved = fs.rename(from, path).then(() => true)
  if ((await unlessErrno(moved, 'ENOENT', 'EACCES', 'EPERM', 'EISDIR')) !== true) return undefined
  const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants
  const opening = fs.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  // ELOOP and others: not a file of ours.
  const handle = await unlessErrno(opening, 'ELOOP', 'EISDIR', 'ENXIO', 'EACCES')
  try {
    const have = handle && (await trustedBytes(handle, size))
    if (handle !== undefined && have !== undefined) return { path, handle, have }
  } catch (error) {
    await handle?.close()
    throw error
  }
  await handle?.close()
  await unlessErrno(removeFile(fs, path), 'EISDIR', 'EPERM')
  return undefined
}

/** Undefined: not to be written to. */
async function trustedBytes(handle: StoreFile, size: number): Promise<number | undefined> {
  const found = await handle.stat()
  const isOurs = found.kind === 'file' && (found.mode & MODE) === BEING_WRITTEN
  return isOurs && found.size <= size ? found.size : undefined
}

/**
 * Leaves the file for a later writer; all that was to be written to it has been. It never has two names, of which two
 * writers could each take one. That it cannot be left is no reason to fail: whoever leaves it has a better one.
 */
export async function leavePartial(
  directory: BlobDirectory,
  file: PartialFile,
  digest: Digest,
): Promise<void> {
  const { fs, root } = directory
  const folder = join(root, 'ingest', PARTIALS)
  const leave = (): Promise<void> => fs.rename(file.path, join(folder, flatBlobName(digest)))
  try {
    await file.handle.close()
    // The folder is made by the first, and taken by the collector when it is empty.
    await leave().catch(async () => {
      await ensureDirectory(fs, folder)
      await leave()
    })
  } catch {
    await removeFile(fs, file.path).catch(() => false)
  }
}

/** Removes what others left of a blob that is there now. */
export async function forgetPartial({ fs, root }: BlobDirectory, digest: Digest): Promise<void> {
  await removeFile(fs, join(root, 'ingest', PARTIALS, flatBlobName(digest))).catch(() => false)
}
