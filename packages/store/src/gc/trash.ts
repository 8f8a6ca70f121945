import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { blobPath, digestOfFlatName, flatBlobName } from '../blobs/blob-path.js'
import {
  type Durability,
  ensureDirectory,
  makeDirectory,
  namesIn,
  removeFile,
  syncDirectory,
} from '../blobs/files.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import type { Digest } from '../digest.js'

/**
 * Where a collector puts blobs before it removes them: out of sight, so that from then on nobody begins to use one,
 * and still there, should somebody have begun before.
 */
export class Trash {
  readonly #fs: StoreFs
  readonly #root: string
  readonly #directory: string

  readonly #durability: Durability

  constructor(fs: StoreFs, root: string, durability: Durability) {
    this.#fs = fs
    this.#durability = durability
    this.#root = root
    this.#directory = join(root, 'trash', randomBytes(8).toString('hex'))
  }

  /** Puts back what a collector that was killed had not decided on yet. Keeping is always safe. */
  async restoreLeftovers(): Promise<void> {
    for (const name of await namesIn(this.#fs, join(this.#root, 'trash'))) {
      const directory = join(this.#root, 'trash', name)
      for (const file of await namesIn(this.#fs, directory)) {
        const digest = digestOfFlatName(file)
        if (digest !== undefined) await this.#putBack(directory, digest)
        else await removeFile(this.#fs, join(directory, file))
      }
      await this.#fs.rmdir(directory)
    }
  }

  /** Takes a blob out of sight; its time of change as it was at that moment, or undefined when it was gone. */
  async take(digest: Digest): Promise<number | undefined> {
    await ensureDirectory(this.#fs, this.#directory)
    const path = join(this.#directory, flatBlobName(digest))
    const moved = await unlessErrno(
      this.#fs.rename(blobPath(this.#root, digest), path).then(() => true),
      'ENOENT',
    )
    return moved === undefined ? undefined : (await this.#fs.lstat(path)).mtime
  }

  restore(digest: Digest): Promise<void> {
    return this.#putBack(this.#directory, digest)
  }

  /** For good. */
  async remove(digest: Digest): Promise<void> {
    await removeFile(this.#fs, join(this.#directory, flatBlobName(digest)))
  }

  async end(): Promise<void> {
    await unlessErrno(this.#fs.rmdir(this.#directory), 'ENOENT', 'ENOTEMPTY', 'EEXIST')
  }

  async #putBack(directory: string, digest: Digest): Promise<void> {
    const from = join(directory, flatBlobName(digest))
    const path = blobPath(this.#root, digest)
    await makeDirectory(this.#fs, dirname(path), this.#durability)
    const linked = await unlessErrno(
      this.#fs.link(from, path).then(() => true),
      'EPERM',
      'ENOTSUP',
      'EOPNOTSUPP',
      'EMLINK',
      'ENOSYS',
      // Written anew meanwhile: that one is as good.
      'EEXIST',
    )
    if (linked || (await unlessErrno(this.#fs.lstat(path), 'ENOENT')) !== undefined) {
      await removeFile(this.#fs, from)
    } else {
      await this.#fs.rename(from, path)
    }
    // A record that names it may be durable already.
    if (this.#durability === 'full') await syncDirectory(this.#fs, dirname(path))
  }
}
