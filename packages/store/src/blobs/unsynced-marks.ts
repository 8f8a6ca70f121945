import { join } from 'node:path'
import { createFile, namesIn, removeFile, syncDirectory } from './files.js'
import { bootId } from './process-mark.js'
import { unlessErrno } from './store-error.js'
import type { StoreFs } from './store-fs.js'

/**
 * `unsynced/<boot id>`: in that boot of the machine blobs were written that were not synced. In the same boot the
 * kernel still has them; in any other they may be torn, and each is hashed before it is used.
 */
export class UnsyncedMarks {
  readonly #fs: StoreFs
  readonly #directory: string
  readonly #own = bootId() ?? 'unknown'
  #announced: Promise<void> | undefined

  constructor(fs: StoreFs, root: string) {
    this.#fs = fs
    this.#directory = join(root, 'unsynced')
  }

  /** True when a boot other than this one left a mark. */
  async foreign(): Promise<boolean> {
    return (await this.#foreignNames()).length > 0
  }

  /** Makes the mark of this boot durable; once. */
  announce(): Promise<void> {
    this.#announced ??= this.#announce()
    return this.#announced
  }

  /** For the collector, when every blob that was not synced has been verified and synced. */
  async clearForeign(): Promise<void> {
    for (const name of await this.#foreignNames()) await removeFile(this.#fs, join(this.#directory, name))
  }

  async #foreignNames(): Promise<string[]> {
    const names = await namesIn(this.#fs, this.#directory)
    return names.filter((name) => name !== this.#own || name === 'unknown')
  }

  async #announce(): Promise<void> {
    const file = await unlessErrno(createFile(this.#fs, join(this.#directory, this.#own)), 'EEXIST')
    if (file === undefined) return
    await file.sync()
    await file.close()
    await syncDirectory(this.#fs, this.#directory)
  }
}
