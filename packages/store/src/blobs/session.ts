import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { lockDescriptor } from './file-lock.js'
import { ensureDirectory, removeFile, writeFully } from './files.js'
import { ownProcessMark, type ProcessMark } from './process-mark.js'
import { unlessErrno } from './store-error.js'
import type { StoreFile, StoreFs } from './store-fs.js'

/** The first line of a session's file; digests follow, one a line. */
export interface SessionHeader extends ProcessMark {
  /** True: alive as long as its lock is held. False: judged by the mark of the process. */
  readonly locked: boolean
}

/**
 * What one opener of a store holds: digests that must not be collected while it lives, and a directory for its
 * unfinished files. Begins with the first use, for a mere reader needs none.
 */
export class Session implements AsyncDisposable {
  readonly id: string = `${process.pid}-${randomBytes(8).toString('hex')}`
  readonly #fs: StoreFs
  readonly #root: string
  #started: Promise<StoreFile> | undefined
  #held = new Map<Digest, Promise<void>>()
  #files = 0
  #disposed = false

  constructor(fs: StoreFs, root: string) {
    this.#fs = fs
    this.#root = root
  }

  /** From here on the session is alive to others: what bears its id is not taken for abandoned. Idempotent. */
  async begin(): Promise<void> {
    await this.#start()
  }

  /** A path for a new file of this session, on the file system of the store. */
  async temporary(): Promise<string> {
    await this.#start()
    return join(this.#ingest, String(this.#files++))
  }

  /** After this the collector spares the blob, if it is still there: so hold first and look second. Idempotent. */
  hold(digest: Digest): Promise<void> {
    let held = this.#held.get(digest)
    if (held === undefined) {
      held = this.#append(digest)
      this.#held.set(digest, held)
      held.catch(() => this.#held.delete(digest))
    }
    return held
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const started = this.#started
    if (started === undefined) return
    this.#started = undefined
    this.#held = new Map()
    const file = await started.catch(() => undefined)
    if (file === undefined) return
    // The directory first: without the roots its files would look abandoned. One that is not empty belongs to a
    // writer that was never disposed; the collector takes it.
    await unlessErrno(this.#fs.rmdir(this.#ingest), 'ENOENT', 'ENOTEMPTY', 'EEXIST')
    await removeFile(this.#fs, this.#roots)
    await file.close()
  }

  get #roots(): string {
    return join(this.#root, 'sessions', `${this.id}.roots`)
  }

  get #ingest(): string {
    return join(this.#root, 'ingest', this.id)
  }

  async #append(digest: Digest): Promise<void> {
    const file = await this.#start()
    await writeFully(file, Buffer.from(`${digest}\n`), 0)
  }

  #start(): Promise<StoreFile> {
    if (this.#disposed) {
      return Promise.reject(
        new CooperageError('E_STORE_CLOSED', 'this store has been disposed', { category: 'internal' }),
      )
    }
    this.#started ??= this.#create().catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
    return this.#started
  }

  async #create(): Promise<StoreFile> {
    const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const early = join(this.#root, 'sessions', `${this.id}.new`)
    const file = await this.#fs.open(early, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      // Locked under another name first: the collector must never meet a live session without its lock.
      const locked = this.#fs.native && (await lockDescriptor(file.fd)) === 'locked'
      const header: SessionHeader = { ...ownProcessMark(), locked }
      await writeFully(file, Buffer.from(`${JSON.stringify(header)}\n`), 0)
      await this.#fs.rename(early, this.#roots)
      await ensureDirectory(this.#fs, this.#ingest)
      return file
    } catch (error) {
      await file.close()
      await removeFile(this.#fs, early).catch(() => false)
      await removeFile(this.#fs, this.#roots).catch(() => false)
      throw error
    }
  }
}
