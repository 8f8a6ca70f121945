import { constants } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { lockDescriptor } from '../blobs/file-lock.js'
import { ensureDirectory, namesIn } from '../blobs/files.js'
import { typedErrors, unlessErrno } from '../blobs/store-error.js'
import type { StoreFile, StoreFs } from '../blobs/store-fs.js'
import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { treeName } from '../trees/tree-names.js'
import type { TreeStore } from '../trees/tree-store.js'
import type { CacheLease, CacheRequest, CacheStore } from './cache-store.js'

export interface CacheDirectoryOptions {
  readonly fs: StoreFs
  readonly root: string
  readonly trees: TreeStore
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const POLL = 100
const FILLING_POLL = 10
const PATIENCE = 20
/** More at once on one machine is a mistake rather than a build. */
const LARGEST = 1024

/**
 * `caches/<key>/<n>/d` with `caches/<key>/<n>.lock` beside it. Users who share hold a shared lock, all others an
 * exclusive one. A cache gets its directory with one rename, when it is filled: of `<n>`, as `d` may belong to anybody,
 * and only who may write in a directory can move it to another one.
 */
export class DirectoryCacheStore implements CacheStore {
  readonly #options: CacheDirectoryOptions

  constructor(options: CacheDirectoryOptions) {
    this.#options = options
  }

  lease(key: Digest, request: CacheRequest): Promise<CacheLease> {
    const { fs, root } = this.#options
    return typedErrors(root, async () => {
      const directory = join(root, 'caches', treeName(key))
      await ensureDirectory(fs, join(root, 'caches'))
      await ensureDirectory(fs, directory)
      for (let waits = 0; ; waits++) {
        request.signal.throwIfAborted()
        const count = (await namesIn(fs, directory)).filter((name) => name.endsWith('.lock')).length
        // A waiting user does not make another directory, unless there is none.
        const limit = request.sharing === 'locked' ? Math.max(1, count) : LARGEST
        for (let number = 0; number < limit; number++) {
          const lease = await this.#lease(join(directory, String(number)), request)
          if (lease !== undefined) return lease
        }
        if (waits === 0) request.onWait?.()
        await setTimeout(POLL, undefined, { signal: request.signal })
      }
    })
  }

  read(
    key: Digest,
    { signal, patience }: { readonly signal: AbortSignal; readonly patience: number },
  ): Promise<CacheLease | 'absent' | 'busy'> {
    const { fs, root } = this.#options
    return typedErrors(root, async () => {
      const directory = join(root, 'caches', treeName(key))
      for (let waited = 0; ; waited += POLL) {
        signal.throwIfAborted()
        // The first one: the others are what users who want one alone have made meanwhile.
        const [place] = (await namesIn(fs, directory))
          .filter((name) => name.endsWith('.lock'))
          .map((name) => Number(name.slice(0, -'.lock'.length)))
          .sort((a, b) => a - b)
        if (place === undefined) return 'absent'
        const lease = await this.#tryRead(join(directory, String(place)))
        if (lease !== 'busy') return lease
        if (waited >= patience) return 'busy'
        await setTimeout(POLL, undefined, { signal })
      }
    })
  }

  /**
   * Takes caches that nobody uses, and nobody has used since `before` (milliseconds since 1970), into scratches of this
   * opener: to be removed. With `dryRun` their count alone. Locks stay where they are: somebody may have one open.
   */
  async takeUnused(before: number, dryRun: boolean): Promise<{ count: number; scratches: string[] }> {
    const { fs, root, trees } = this.#options
    const scratches: string[] = []
    let count = 0
    for (const key of await namesIn(fs, join(root, 'caches'))) {
      for (const name of await namesIn(fs, join(root, 'caches', key))) {
        if (!name.endsWith('.lock')) continue
        const path = join(root, 'caches', key, name)
        const place = path.slice(0, -'.lock'.length)
        const used = await unlessErrno(fs.lstat(path), 'ENOENT')
        const isThere = (await unlessErrno(fs.lstat(join(place, 'd')), 'ENOENT', 'ENOTDIR')) !== undefined
        if (used === undefined || used.mtime >= before || !isThere) continue
        const lock = await fs.open(path, constants.O_RDWR | constants.O_NOFOLLOW)
        try {
          if ((await lockDescriptor(lock.fd)) !== 'locked') continue
          count++
          if (dryRun) continue
          const scratch = await trees.scratch()
          scratches.push(scratch)
          await fs.rename(place, join(scratch, 'd'))
        } finally {
          await lock.close()
        }
      }
    }
    return { count, scratches }
  }

  /** Undefined when it is in use. One that somebody is filling at this moment is waited for by those who share. */
  async #lease(place: string, request: CacheRequest): Promise<CacheLease | undefined> {
    for (let busy = 0; busy < PATIENCE; ) {
      const answer = await this.#try(place, request)
      if (typeof answer === 'object') return answer
      if (request.sharing !== 'shared') return undefined
      // Whoever has filled it exchanges its lock at once; whoever keeps it does not mean to share.
      if (answer === 'busy') busy++
      await setTimeout(FILLING_POLL, undefined, { signal: request.signal })
    }
    return undefined
  }

  async #try(place: string, request: CacheRequest): Promise<CacheLease | 'filling' | 'busy'> {
    const { fs, now } = this.#options
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
    const lock = await fs.open(`${place}.lock`, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    const path = join(place, 'd')
    try {
      const isShared = request.sharing === 'shared'
      const isThere = async () => (await unlessErrno(fs.lstat(path), 'ENOENT', 'ENOTDIR')) !== undefined
      if (isShared && (await isThere())) {
        if (!(await take(lock, 'shared'))) return await closed(lock, 'busy')
        // Between the look and the lock a collector may have taken it.
        if (!(await isThere())) return await closed(lock, 'filling')
      } else {
        if (!(await take(lock, 'exclusive'))) return await closed(lock, isShared ? 'filling' : 'busy')
        if (!(await isThere())) await this.#fill(place, request)
        // The exchange of locks is none at a stroke: others may have come first.
        if (isShared && !(await take(lock, 'shared'))) return await closed(lock, 'filling')
      }
      await fs.utimes(`${place}.lock`, now())
      return { path, [Symbol.asyncDispose]: () => lock.close() }
    } catch (error) {
      await lock.close()
      throw error
    }
  }

  /** The exclusive lock says that nobody is writing; the shared one that is kept lets others share. */
  async #tryRead(place: string): Promise<CacheLease | 'absent' | 'busy'> {
    const { fs } = this.#options
    const lock = await fs.open(`${place}.lock`, constants.O_RDWR | constants.O_NOFOLLOW)
    const path = join(place, 'd')
    try {
      if (!(await take(lock, 'exclusive'))) return await closed(lock, 'busy')
      if ((await unlessErrno(fs.lstat(path), 'ENOENT', 'ENOTDIR')) === undefined)
        return await closed(lock, 'absent')
      if (!(await take(lock, 'shared'))) return await closed(lock, 'busy')
      return { path, [Symbol.asyncDispose]: () => lock.close() }
    } catch (error) {
      await lock.close()
      throw error
    }
  }

  async #fill(place: string, request: CacheRequest): Promise<void> {
    const { fs, trees } = this.#options
    const scratch = await trees.scratch()
    const directory = join(scratch, 'd')
    await fs.mkdir(directory, 0o700)
    await request.fill(directory)
    await fs.rename(scratch, place)
  }
}

async function closed<T>(lock: StoreFile, answer: T): Promise<T> {
  await lock.close()
  return answer
}

async function take(lock: StoreFile, kind: 'exclusive' | 'shared'): Promise<boolean> {
  const outcome = await lockDescriptor(lock.fd, kind)
  if (outcome !== 'unavailable') return outcome === 'locked'
  throw new CooperageError('E_LOCK', 'cache mounts need flock(1), and a file system that has locks', {
    category: 'store',
    hint: 'install util-linux, or keep the store on a local file system',
  })
}
