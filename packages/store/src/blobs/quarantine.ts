import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Digest } from '../digest.js'
import { blobPath, flatBlobName } from './blob-path.js'
import { unlessErrno } from './store-error.js'
import type { StoreFs, StoreStat } from './store-fs.js'

export interface Suspect {
  readonly root: string
  readonly digest: Digest
  /** What was examined. Another process may have put a sound blob in its place since: that one stays. */
  readonly examined: Pick<StoreStat, 'dev' | 'ino'>
}

/**
 * Moves a damaged blob out of sight, for whoever wants to examine it; the name is free for a sound copy. In a store
 * that cannot be written it stays where it is: every read finds the damage again.
 */
export async function quarantine(fs: StoreFs, suspect: Suspect): Promise<void> {
  const { root, digest, examined } = suspect
  const path = blobPath(root, digest)
  const found = await unlessErrno(fs.lstat(path), 'ENOENT')
  if (found === undefined || found.ino !== examined.ino || found.dev !== examined.dev) return
  const name = `${flatBlobName(digest)}-${randomBytes(4).toString('hex')}`
  await unlessErrno(fs.rename(path, join(root, 'quarantine', name)), 'ENOENT', 'EROFS', 'EACCES', 'EPERM')
}
