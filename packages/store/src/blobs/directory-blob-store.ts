import { join } from 'node:path'
import { type Digest, digestOf, isDigest, parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { type BlobDirectory, SYNCED } from './blob-directory.js'
import { blobMissing, blobTooLarge } from './blob-failure.js'
import { BlobFileRange } from './blob-file-range.js'
import { blobPath } from './blob-path.js'
import type { BlobInfo, BlobRange, BlobStore, BlobWriter, ReadOptions, WriterOptions } from './blob-store.js'
import { THREADS_BESIDE_TRANSFERS } from './blob-threads.js'
import { DirectoryBlobWriter, IN_MEMORY } from './directory-blob-writer.js'
import { namesIn, removeFile } from './files.js'
import { claimPartial } from './partial-file.js'
import { quarantine } from './quarantine.js'
import { rescue } from './rescue.js'
import { typedErrors, unlessErrno } from './store-error.js'
import type { StoreStat } from './store-fs.js'
import { verifiedRead } from './verified-read.js'
import { openBlob, promote } from './verify.js'

/** Announced sizes from here on are compared with the space that is left, before the first byte. */
const CHECK_SPACE_FROM = 16 << 20
/** Space that is left to records and to the rest of the machine: at most 1 GiB, or 3 % of a small file system. */
const RESERVE = 1 << 30

const EMPTY = digestOf('')

/** Blobs as files that never change: `blobs/sha256/<2 hex>/<64 hex>`. Any number of processes may share them. */
export class DirectoryBlobStore implements BlobStore {
  readonly #directory: BlobDirectory

  constructor(directory: BlobDirectory) {
    this.#directory = directory
  }

  stat(digest: Digest): Promise<BlobInfo | undefined> {
    const path = blobPath(this.#directory.root, parseDigest(digest))
    return typedErrors(path, async () => {
      // Held before it is looked at: a collector either sees the root or has already made the blob vanish.
      // Its time is set for a collector that comes when this session has ended.
      const { fs, session, now } = this.#directory
      await unlessReadOnly(session.hold(digest))
      await unlessReadOnly(unlessErrno(fs.utimes(path, now()), 'ENOENT', 'ENOTDIR', 'ELOOP'))
      const found = await this.#find(digest)
      return found && { digest, size: found.size }
    })
  }

  read(digest: Digest, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    return verifiedRead(this.#directory, parseDigest(digest), options)
  }

  async check(digest: Digest, options: Pick<ReadOptions, 'signal'> = {}): Promise<void> {
    if (this.#directory.sound.has(digest)) return
    for await (const _ of this.read(digest, options));
  }

  async readAll(digest: Digest, limit: number): Promise<Uint8Array> {
    const path = blobPath(this.#directory.root, parseDigest(digest))
    const found = await typedErrors(path, () => this.#find(digest))
    if (found === undefined) throw blobMissing(digest)
    if (found.size > limit) throw blobTooLarge(digest, found.size, limit)
    const chunks: Uint8Array[] = []
    for await (const chunk of this.read(digest)) chunks.push(chunk)
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  }

  openRange(digest: Digest): Promise<BlobRange> {
    const path = blobPath(this.#directory.root, parseDigest(digest))
    return typedErrors(path, async () => {
      const found = await this.#find(digest)
      const opened = found && (await openBlob(this.#directory, digest))
      if (opened === undefined) throw blobMissing(digest)
      return new BlobFileRange(opened.file, opened.stat.size, path)
    })
  }

  prepare(): void {
    const { threads, session, fs } = this.#directory
    if (fs.native && THREADS_BESIDE_TRANSFERS) threads.prepare()
    // Whoever writes begins it anew, and is told why it cannot be.
    session.begin().catch(() => {})
  }

  async writer(options: WriterOptions = {}): Promise<BlobWriter> {
    options.signal?.throwIfAborted()
    if (options.expect?.digest !== undefined) parseDigest(options.expect.digest)
    const { digest, size = 0 } = options.expect ?? {}
    await this.#checkSpace(size)
    const { native } = this.#directory.fs
    if (options.resumable !== true || !native || digest === undefined || size <= IN_MEMORY) {
      return new DirectoryBlobWriter(this.#directory, options)
    }
    const partial = await typedErrors(this.#directory.root, () =>
      claimPartial(this.#directory, { digest, size }),
    )
    return new DirectoryBlobWriter(this.#directory, options, partial)
  }

  async put(bytes: Uint8Array): Promise<BlobInfo> {
    await using writer = new DirectoryBlobWriter(this.#directory, {})
    // A view: the content stays the caller's.
    await writer.write(bytes.byteLength === bytes.buffer.byteLength ? bytes.slice() : bytes)
    const { digest, size } = await writer.commit()
    return { digest, size }
  }

  async *list(): AsyncIterable<BlobInfo> {
    const { fs, root } = this.#directory
    for (const algorithm of ['sha256', 'sha512']) {
      const top = join(root, 'blobs', algorithm)
      for (const shard of (await namesIn(fs, top)).sort()) {
        for (const hex of (await namesIn(fs, join(top, shard))).sort()) {
          const digest = `${algorithm}:${hex}`
          if (!isDigest(digest) || !hex.startsWith(shard)) continue
          const found = await unlessErrno(fs.lstat(join(top, shard, hex)), 'ENOENT')
          if (found?.kind === 'file') yield { digest, size: found.size }
        }
      }
    }
  }

  remove(digest: Digest): Promise<boolean> {
    const path = blobPath(this.#directory.root, parseDigest(digest))
    return typedErrors(path, () => removeFile(this.#directory.fs, path))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory.threads[Symbol.asyncDispose]()
    await this.#directory.session[Symbol.asyncDispose]()
  }

  /** What is there and may be trusted as far as that is known without reading it. */
  async #find(digest: Digest): Promise<StoreStat | undefined> {
    const { fs, root, distrustUnsynced } = this.#directory
    const look = () => unlessErrno(fs.lstat(blobPath(root, digest)), 'ENOENT', 'ENOTDIR')
    let found = await look()
    if (found === undefined && (await rescue(this.#directory, digest))) found = await look()
    if (found === undefined) return undefined
    // A power cut leaves files without content under a name that was not synced; other tools leave worse.
    if (found.kind !== 'file' || (found.size === 0 && digest !== EMPTY && digest.startsWith('sha256:'))) {
      await quarantine(fs, { root, digest, examined: found })
      return undefined
    }
    return distrustUnsynced && found.mode !== SYNCED ? promote(this.#directory, digest) : found
  }

  async #checkSpace(size: number): Promise<void> {
    if (size < CHECK_SPACE_FROM) return
    const { fs, root } = this.#directory
    const { available, total } = await typedErrors(root, () => fs.statfs(root))
    const need = size + Math.min(RESERVE, Math.floor(total * 0.03))
    if (available >= need) return
    throw new CooperageError(
      'E_NO_SPACE',
      `the file system of ${root} has ${available} bytes, ${need} are needed`,
      {
        category: 'store',
        hint: 'free space on this file system, or run `cooper prune --grace 0s`, which spares nothing for being new',
        data: { path: root, need, have: available },
      },
    )
  }
}

/** A store that cannot be written has no sessions; whoever collects it must not do so while it is read. */
async function unlessReadOnly(work: Promise<unknown>): Promise<void> {
  await unlessErrno(work, 'EROFS', 'EACCES', 'EPERM')
}
