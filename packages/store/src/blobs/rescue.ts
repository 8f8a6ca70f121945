import { dirname, join } from 'node:path'
import type { Digest } from '../digest.js'
import type { BlobDirectory } from './blob-directory.js'
import { blobPath, flatBlobName } from './blob-path.js'
import { makeDirectory, namesIn } from './files.js'
import { unlessErrno } from './store-error.js'

/**
 * Takes a blob back out of the trash of a collector that may be about to restore it, or to remove it. Whoever holds
 * the blob calls this when he does not find it, so that a hit need not wait for the collector. True when it is back.
 */
export async function rescue(directory: BlobDirectory, digest: Digest): Promise<boolean> {
  const { fs, root, durability } = directory
  const trash = join(root, 'trash')
  const path = blobPath(root, digest)
  for (const name of await namesIn(fs, trash)) {
    const from = join(trash, name, flatBlobName(digest))
    if ((await unlessErrno(fs.lstat(from), 'ENOENT', 'ENOTDIR')) === undefined) continue
    await unlessErrno(makeDirectory(fs, dirname(path), durability), ...REFUSED)
    // EEXIST: restored meanwhile. ENOENT: removed meanwhile. Without hard links the collector must do it.
    await unlessErrno(
      fs.link(from, path),
      'EEXIST',
      'ENOENT',
      'EMLINK',
      'ENOTSUP',
      'EOPNOTSUPP',
      'ENOSYS',
      ...REFUSED,
    )
    return (await unlessErrno(fs.lstat(path), 'ENOENT')) !== undefined
  }
  // Restored between our two looks, after which the trash was empty.
  return (await unlessErrno(fs.lstat(path), 'ENOENT', 'ENOTDIR')) !== undefined
}

const REFUSED: readonly string[] = ['EROFS', 'EACCES', 'EPERM']
