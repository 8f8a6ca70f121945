import { hash } from 'node:crypto'
import { join } from 'node:path'
import { namesIn, removeFile, replaceFile } from '../blobs/files.js'
import type { Session } from '../blobs/session.js'
import { typedErrors } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import { CooperageError } from '../errors.js'
import { readCheckedFile } from './checked-file.js'
import { encodeCheckedLine } from './checked-line.js'
import type { RecordEntry, RecordStore } from './record-store.js'

export interface DirectoryRecordStoreOptions {
  readonly fs: StoreFs
  /** The root of the store. */
  readonly root: string
  readonly session: Session
  readonly now: () => number
  /** False makes a record a miss: one that names a blob that is gone. */
  readonly isUsable: (kind: string, payload: Buffer) => Promise<boolean>
}

/** The time of use is kept to the hour: a hit should not write. */
const FRESH = 3_600_000

/** Records as files: `records/<kind>/<2 hex>/<sha256 of the key>`. */
export class DirectoryRecordStore implements RecordStore {
  readonly #options: DirectoryRecordStoreOptions

  constructor(options: DirectoryRecordStoreOptions) {
    this.#options = options
  }

  async get(kind: string, key: string): Promise<Buffer | undefined> {
    const { fs, now, isUsable } = this.#options
    const path = this.#path(kind, hash('sha256', key, 'hex'))
    const found = await readCheckedFile(fs, path)
    if (found === undefined || !(await isUsable(kind, found.payload))) return undefined
    // A store that cannot be written can still be read.
    if (Math.abs(now() - found.stat.mtime) > FRESH) await fs.utimes(path, now()).catch(() => undefined)
    return found.payload
  }

  async getText(kind: string, key: string): Promise<string | undefined> {
    return (await this.get(kind, key))?.toString('utf8')
  }

  put(kind: string, key: string, payload: string | Uint8Array): Promise<void> {
    const { fs, session } = this.#options
    const path = this.#path(kind, hash('sha256', key, 'hex'))
    const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload
    return typedErrors(path, async () => {
      await replaceFile(fs, {
        path,
        parts: encodeCheckedLine(bytes),
        temporary: await session.temporary(),
        // A record that a power cut loses or tears is a miss, which its checksum tells: it waits for no disk.
        durability: 'none',
      })
    })
  }

  delete(kind: string, key: string): Promise<boolean> {
    return this.deleteHashed(kind, hash('sha256', key, 'hex'))
  }

  /** As `delete`, by the digest of the key. */
  deleteHashed(kind: string, keyHash: string): Promise<boolean> {
    const path = this.#path(kind, keyHash)
    return typedErrors(path, () => removeFile(this.#options.fs, path))
  }

  async *list(kind: string): AsyncIterable<RecordEntry> {
    const { fs } = this.#options
    const top = this.#directory(kind)
    for (const shard of await namesIn(fs, top)) {
      for (const keyHash of await namesIn(fs, join(top, shard))) {
        const found = await readCheckedFile(fs, join(top, shard, keyHash))
        if (found !== undefined) yield { keyHash, payload: found.payload, usedAt: found.stat.mtime }
      }
    }
  }

  async kinds(): Promise<string[]> {
    const names = await namesIn(this.#options.fs, join(this.#options.root, 'records'))
    return names.filter((name) => KIND.test(name)).sort()
  }

  #path(kind: string, keyHash: string): string {
    return join(this.#directory(kind), keyHash.slice(0, 2), keyHash)
  }

  #directory(kind: string): string {
    if (!KIND.test(kind)) {
      throw new CooperageError('E_RECORD_KIND', `not a kind of record: ${JSON.stringify(kind)}`, {
        category: 'internal',
        hint: 'a kind is lower-case letters, digits and hyphens, 64 at most',
      })
    }
    return join(this.#options.root, 'records', kind)
  }
}

const KIND = /^[a-z][a-z0-9-]{0,63}$/
