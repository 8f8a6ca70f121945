import { dirname } from 'node:path'
import { type Digest, Digester, digestAlgorithm } from '../digest.js'
import { CooperageError } from '../errors.js'
import { type BlobDirectory, SYNCED, UNSYNCED } from './blob-directory.js'
import { checkExpectation, sizeMismatch } from './blob-failure.js'
import { blobPath } from './blob-path.js'
import type { BlobInfo, BlobWriter, WriterOptions } from './blob-store.js'
import { THREADS_BESIDE_TRANSFERS } from './blob-threads.js'
import { type Block, BlockBuilder } from './block-builder.js'
import { DirectIngest } from './direct-ingest.js'
import { createFile, removeFile, syncDirectory } from './files.js'
import { type Ingest, InlineIngest } from './ingest.js'
import { forgetPartial, leavePartial, type PartialFile } from './partial-file.js'
import { publish } from './publish.js'
import { typedErrors } from './store-error.js'
import type { StoreFile } from './store-fs.js'
import { ThreadedIngest } from './threaded-ingest.js'
import { findVerified } from './verify.js'

/** A blob up to this size is kept in memory until its commit: when the store has it already, nothing is written. */
export const IN_MEMORY: number = 4 << 20

type State = 'open' | 'committing' | 'ended'

/** Writes one blob by the protocol: temporary file, digest on the way, check, sync, link, sync of the directory. */
export class DirectoryBlobWriter implements BlobWriter {
  readonly #directory: BlobDirectory
  readonly #options: WriterOptions
  readonly #algorithm: 'sha256' | 'sha512'
  readonly #builder: BlockBuilder
  #state: State = 'open'
  #written = 0
  #head: Block[] = []
  #headSize = 0
  #file: { readonly path: string; readonly handle: StoreFile } | undefined
  #partial: PartialFile | undefined
  #isPublished = false
  #ingest: Ingest | undefined
  #spilling: Promise<void> | undefined
  #committed: Promise<BlobInfo & { readonly existed: boolean }> | undefined

  /** `partial` becomes the writer's, with what it has. */
  constructor(directory: BlobDirectory, options: WriterOptions, partial?: PartialFile) {
    this.#directory = directory
    this.#options = options
    this.#algorithm = options.expect?.digest === undefined ? 'sha256' : digestAlgorithm(options.expect.digest)
    this.#builder = new BlockBuilder((block) => this.#take(block), directory.spares)
    if (partial === undefined) return
    this.#partial = partial
    this.#file = partial
    this.#written = partial.have
    this.#ingest = this.#native(partial.handle, { have: partial.have, arrives: true })
    this.#spilling = Promise.resolve()
  }

  get written(): number {
    return this.#written
  }

  spare(): ArrayBuffer | undefined {
    return this.#directory.spares.take()
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw ended()
    this.#options.signal?.throwIfAborted()
    this.#written += chunk.byteLength
    const expected = this.#options.expect?.size
    // An endless body must end here, not on a full disk.
    if (expected !== undefined && this.#written > expected) {
      this.#partial = undefined
      throw sizeMismatch(expected, this.#written)
    }
    this.#builder.add(chunk)
    if (this.#spilling !== undefined) await this.#typed(() => this.#room())
  }

  commit(): Promise<BlobInfo & { readonly existed: boolean }> {
    if (this.#committed === undefined) {
      if (this.#state !== 'open') return Promise.reject(ended())
      this.#state = 'committing'
      this.#committed = this.#typed(() => this.#commit()).finally(() => this.#discard())
    }
    return this.#committed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#committed !== undefined) await this.#committed.catch(() => undefined)
    else if (this.#partial !== undefined && this.#state === 'open') await this.#leave(this.#partial)
    else await this.#discard()
  }

  #typed<T>(work: () => Promise<T>): Promise<T> {
    return typedErrors(this.#file?.path ?? this.#directory.root, work)
  }

  #take(block: Block): void {
    if (this.#ingest !== undefined) {
      this.#ingest.push(block.bytes, block.ours)
      return
    }
    this.#head.push(block)
    this.#headSize += block.bytes.byteLength
    if (this.#headSize > IN_MEMORY) this.#spill()
  }

  #spill(): void {
    this.#spilling ??= this.#openIngest()
    this.#spilling.catch(() => {})
  }

  async #room(): Promise<void> {
    try {
      await this.#spilling
      await this.#ingest?.ready()
    } catch (error) {
      // What could not be written now is not worth keeping.
      this.#partial = undefined
      throw error
    }
  }

  async #openIngest(): Promise<void> {
    const { fs, session } = this.#directory
    const path = await session.temporary()
    const handle = await createFile(fs, path)
    this.#file = { path, handle }
    // Small ones are not worth the thread; a simulated file system cannot be reached from one.
    this.#ingest =
      fs.native && this.#headSize > IN_MEMORY
        ? this.#native(handle, { have: 0, arrives: this.#options.transfer === true })
        : new InlineIngest(handle, this.#algorithm)
    for (const block of this.#head.splice(0)) this.#ingest.push(block.bytes, block.ours)
  }

  /** `arrives`: what is written comes from a registry, or from another process. */
  #native(handle: StoreFile, { have, arrives }: { have: number; arrives: boolean }): Ingest {
    const { threads, durability, spares } = this.#directory
    const options = {
      fd: handle.fd,
      algorithm: this.#algorithm,
      flush: durability === 'full',
      have,
      onSpare: (buffer: ArrayBuffer) => spares.give(buffer),
    }
    if (arrives && !THREADS_BESIDE_TRANSFERS) return new DirectIngest(options)
    return new ThreadedIngest({ ...options, threads })
  }

  async #commit(): Promise<BlobInfo & { readonly existed: boolean }> {
    const { expect, signal } = this.#options
    const { session, durability } = this.#directory
    this.#builder.end()
    const size = this.#written
    if (this.#spilling === undefined) {
      const digest = this.#digestOfHead()
      checkExpectation(expect, { digest, size })
      await session.hold(digest)
      if (await this.#exists(digest, size)) return { digest, size, existed: true }
      this.#spill()
    }
    await this.#spilling
    const digest = await this.#ingest!.finish()
    checkExpectation(expect, { digest, size })
    signal?.throwIfAborted()
    const { path, handle } = this.#file!
    if (durability === 'full') {
      await handle.chmod(SYNCED)
      await handle.sync()
    } else {
      await this.#directory.announceUnsynced()
      await handle.chmod(UNSYNCED)
    }
    // Before the name is there: from its first moment on it is spared.
    await session.hold(digest)
    const existed = await publish(this.#directory, { temporary: path, digest, size })
    this.#isPublished = true
    if (this.#partial !== undefined) await forgetPartial(this.#directory, digest)
    if (!existed) this.#directory.sound.add(digest)
    return { digest, size, existed }
  }

  #digestOfHead(): Digest {
    const digester = new Digester(this.#algorithm)
    for (const block of this.#head) digester.update(block.bytes)
    return digester.digest()
  }

  /** Small content is compared with what is there, so that writing it again heals a damaged blob. */
  async #exists(digest: Digest, size: number): Promise<boolean> {
    const { fs, root, durability, now } = this.#directory
    const found = await findVerified(this.#directory, digest)
    if (found?.size !== size || (durability === 'full' && found.mode !== SYNCED)) return false
    const path = blobPath(root, digest)
    const freshened = await fs.utimes(path, now()).then(
      () => true,
      () => false,
    )
    if (freshened && durability === 'full') await syncDirectory(fs, dirname(path))
    return freshened
  }

  async #leave(partial: PartialFile): Promise<void> {
    this.#state = 'ended'
    this.#file = undefined
    // Pushed before it is abandoned: the thread does both in this order.
    this.#builder.end()
    await this.#ingest?.abandon()
    await leavePartial(this.#directory, partial, this.#options.expect!.digest!)
  }

  async #discard(): Promise<void> {
    this.#state = 'ended'
    this.#head = []
    await this.#spilling?.catch(() => {})
    await this.#ingest?.abandon()
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    // Before its lock is given up, lest another writer has taken it over by then.
    if (!this.#isPublished) await removeFile(this.#directory.fs, file.path).catch(() => false)
    await file.handle.close()
  }
}

function ended(): CooperageError {
  return new CooperageError('E_WRITER_ENDED', 'this writer has been committed or disposed', {
    category: 'internal',
  })
}
