import { constants } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../digest.js'
import type { BlobDirectory } from './blob-directory.js'
import { flatBlobName } from './blob-path.js'
import { lockDescriptor } from './file-lock.js'
import { ensureDirectory, removeFile } from './files.js'
import { unlessErrno } from './store-error.js'
import type { StoreFile } from './store-fs.js'

/** The folder of unfinished blobs that outlive their session, below `ingest`. No session has this name. */
export const PARTIALS = 'partial'

/** The mode of the file says how far its content may be trusted to be without holes. */
const BEING_WRITTEN = 0o600
const SETTLED = 0o700
const MODE = 0o7777

/**
 * Several blocks of a blob are written at once. What a killed writer left may have holes as far back as this from its
 * end: the blocks on their way to the disk and the one that follows.
 */
const UNSURE = 9 << 20

/** Other processes may take the file between two calls; more turns than this mean something else is wrong. */
const TURNS = 4

/** The beginning of a blob, locked for as long as its handle is open. */
export interface PartialFile {
  readonly path: string
  readonly handle: StoreFile
  /** Bytes from its beginning on that were written. Only the digest of the whole can tell whether they are right. */
  readonly have: number
}

/**
 * Takes over what an earlier writer left of a blob, or begins a file that a later one can take over. Undefined where
 * another writer has it, or where files cannot be locked.
 */
export async function claimPartial(
  directory: BlobDirectory,
  blob: { readonly digest: Digest; readonly size: number },
): Promise<PartialFile | undefined> {
  const { fs, root } = directory
  if (!fs.native) return undefined
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const folder = join(root, 'ingest', PARTIALS)
  const path = join(folder, flatBlobName(blob.digest))
  for (let turn = 0; turn < TURNS; turn++) {
    await ensureDirectory(fs, folder)
    const opening = fs.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, BEING_WRITTEN)
    // ENOENT: the collector took the empty folder. ELOOP and others: not a file of ours.
    const handle = await unlessErrno(opening, 'ENOENT', 'ELOOP', 'EISDIR', 'ENXIO', 'EACCES')
    if (handle === undefined) continue
    try {
      if ((await lockDescriptor(handle.fd)) !== 'locked') break
      const have = await trustedBytes(directory, { path, handle, size: blob.size })
      if (have !== undefined) {
        await handle.chmod(BEING_WRITTEN)
        return { path, handle, have }
      }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
  }
  return undefined
}

/** Undefined: not to be written to, and out of the way now. */
async function trustedBytes(
  { fs }: BlobDirectory,
  file: { readonly path: string; readonly handle: StoreFile; readonly size: number },
): Promise<number | undefined> {
  const opened = await file.handle.stat()
  const named = await unlessErrno(fs.lstat(file.path), 'ENOENT')
  // Between opening and locking it may have become a blob, and this name that of another file or of none.
  if (named === undefined || named.ino !== opened.ino || named.dev !== opened.dev) return undefined
  const mode = opened.mode & MODE
  // Another mode: a writer was stopped just before, or just after, it gave the file the name of a blob.
  if (opened.kind !== 'file' || opened.size > file.size || (mode !== BEING_WRITTEN && mode !== SETTLED)) {
    await removeFile(fs, file.path)
    return undefined
  }
  return mode === SETTLED ? opened.size : Math.max(0, opened.size - UNSURE)
}

/** Leaves the file for a later writer; all that was to be written to it has been. */
export async function leavePartial(file: PartialFile): Promise<void> {
  try {
    await file.handle.chmod(SETTLED)
  } finally {
    await file.handle.close()
  }
}
