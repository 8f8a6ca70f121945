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

/** The mode of the file says how far its content may be trusted to be without holes. */
const BEING_WRITTEN = 0o600
const SETTLED = 0o700
const MODE = 0o7777

/**
 * Several blocks of a blob are written at once. What a killed writer left may have holes as far back as this from its
 * end: the blocks on their way to the disk and the one that follows.
 */
const UNSURE = 9 << 20

/**
 * The beginning of a blob, in the folder of the session that writes it. The name by which others would find it again
 * is there only while nobody writes, so whoever takes it away has it alone: a rename has one winner, and needs no lock.
 */
export interface PartialFile {
  readonly path: string
  readonly handle: StoreFile
  /** Bytes from its beginning on that were written. Only the digest of the whole can tell whether they are right. */
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
    if (handle !== undefined && have !== undefined) {
      await handle.chmod(BEING_WRITTEN)
      return { path, handle, have }
    }
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
  const mode = found.mode & MODE
  // Another mode: a writer was stopped just before, or just after, it gave the file the name of a blob.
  if (found.kind !== 'file' || found.size > size || (mode !== BEING_WRITTEN && mode !== SETTLED))
    return undefined
  return mode === SETTLED ? found.size : Math.max(0, found.size - UNSURE)
}

/** Leaves the file for a later writer; all that was to be written to it has been. */
export async function leavePartial(
  directory: BlobDirectory,
  file: PartialFile,
  digest: Digest,
): Promise<void> {
  const { fs, root } = directory
  try {
    await file.handle.chmod(SETTLED)
  } finally {
    await file.handle.close()
  }
  const folder = join(root, 'ingest', PARTIALS)
  const link = (): Promise<boolean> => fs.link(file.path, join(folder, flatBlobName(digest))).then(() => true)
  // ENOENT: the folder is made by the first, and taken by the collector when it is empty.
  if ((await unlessErrno(link(), 'ENOENT', ...IN_THE_WAY)) === undefined) {
    await ensureDirectory(fs, folder)
    await unlessErrno(link(), 'ENOENT', ...IN_THE_WAY)
  }
  // Where it could not be left, for another has left as much or links are unknown here, it is of no use.
  await removeFile(fs, file.path)
}

/** Removes what others left of a blob that is there now. */
export async function forgetPartial({ fs, root }: BlobDirectory, digest: Digest): Promise<void> {
  await removeFile(fs, join(root, 'ingest', PARTIALS, flatBlobName(digest))).catch(() => false)
}

const IN_THE_WAY = ['EEXIST', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'] as const
