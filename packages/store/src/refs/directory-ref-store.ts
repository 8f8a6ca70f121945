import { join } from 'node:path'
import { type Durability, namesIn, removeFile, replaceFile } from '../blobs/files.js'
import type { Session } from '../blobs/session.js'
import { typedErrors, unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import { isDigest } from '../digest.js'
import { readCheckedFile } from '../records/checked-file.js'
import { encodeCheckedLine } from '../records/checked-line.js'
import { refFileName, refNameOf } from './ref-name.js'
import type { DamagedRef, RefEntry, RefStore, RefValue } from './ref-store.js'

export interface DirectoryRefStoreOptions {
  readonly fs: StoreFs
  /** The root of the store. */
  readonly root: string
  readonly session: Session
  readonly durability: Durability
}

/** Names as files of one checked line each: `refs/<encoded name>`. */
export class DirectoryRefStore implements RefStore {
  readonly #options: DirectoryRefStoreOptions

  constructor(options: DirectoryRefStoreOptions) {
    this.#options = options
  }

  async get(name: string): Promise<RefValue | undefined> {
    const entry = await this.#read(refFileName(name))
    return entry?.name === name ? entry.value : undefined
  }

  set(name: string, value: RefValue): Promise<void> {
    const { fs, session, durability } = this.#options
    const path = this.#path(refFileName(name))
    const entry: RefEntry = { name, value }
    const parts = encodeCheckedLine(Buffer.from(JSON.stringify(entry), 'utf8'))
    return typedErrors(path, async () => {
      await replaceFile(fs, { path, parts, temporary: await session.temporary(), durability })
    })
  }

  delete(name: string): Promise<boolean> {
    const path = this.#path(refFileName(name))
    return typedErrors(path, () => removeFile(this.#options.fs, path))
  }

  async list(): Promise<RefEntry[]> {
    const entries: RefEntry[] = []
    for (const file of await this.#files()) {
      const entry = await this.#readOwn(file)
      if (entry !== undefined) entries.push(entry)
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  }

  async damaged(): Promise<DamagedRef[]> {
    const damaged: DamagedRef[] = []
    for (const file of (await this.#files()).sort()) {
      if ((await this.#readOwn(file)) !== undefined || !(await this.#exists(file))) continue
      // Written anew, or taken away and given again, between the two looks.
      if ((await this.#readOwn(file)) !== undefined) continue
      const name = refNameOf(file)
      damaged.push({ file: this.#path(file), ...(name !== undefined && { name }) })
    }
    return damaged
  }

  /** No name begins with a dot in its file name: what does is of the file system, as `.nfs…`, or of another tool. */
  async #files(): Promise<string[]> {
    const files = await namesIn(this.#options.fs, join(this.#options.root, 'refs'))
    return files.filter((file) => !file.startsWith('.'))
  }

  async #exists(file: string): Promise<boolean> {
    return (await unlessErrno(this.#options.fs.lstat(this.#path(file)), 'ENOENT')) !== undefined
  }

  /** A copy under another file name would be a second entry that `get` does not know. */
  async #readOwn(file: string): Promise<RefEntry | undefined> {
    const entry = await this.#read(file)
    return entry !== undefined && refFileName(entry.name) === file ? entry : undefined
  }

  async #read(file: string): Promise<RefEntry | undefined> {
    const found = await readCheckedFile(this.#options.fs, this.#path(file))
    return found && parseEntry(found.payload.toString('utf8'))
  }

  #path(file: string): string {
    return join(this.#options.root, 'refs', file)
  }
}

/** The checksum was right, so this is what some version of the store wrote; another version may mean other things. */
function parseEntry(text: string): RefEntry | undefined {
  let entry: Partial<RefEntry> | null
  try {
    entry = JSON.parse(text) as Partial<RefEntry> | null
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof entry?.name !== 'string' || !isDigest(entry.value?.descriptor?.digest)) return undefined
  return entry as RefEntry
}
