import { basename, dirname, join } from 'node:path'
import { namesIn, removeFile } from '../blobs/files.js'
import type { Session } from '../blobs/session.js'
import { typedErrors, unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import type { Digest } from '../digest.js'
import { liveSessions } from '../gc/sessions.js'
import { readMarker, writeMarker } from './tree-marker.js'
import { MARKER, scratchName, scratchOwner, TREE_FILES, treeName } from './tree-names.js'
import type { TreeStore } from './tree-store.js'

export interface TreeDirectoryOptions {
  readonly fs: StoreFs
  readonly root: string
  readonly session: Session
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Trees in the folder `trees` of a store. A tree gets its name with one rename, when it is complete. */
export class DirectoryTreeStore implements TreeStore {
  readonly #options: TreeDirectoryOptions
  readonly #directory: string
  #count = 0

  constructor(options: TreeDirectoryOptions) {
    this.#options = options
    this.#directory = join(options.root, 'trees')
  }

  find(key: Digest): Promise<string | undefined> {
    const { fs, root, session, now } = this.#options
    return typedErrors(root, async () => {
      const directory = join(this.#directory, treeName(key))
      // First held, then looked at: the collector does it the other way round.
      if ((await unlessErrno(fs.lstat(directory), 'ENOENT')) === undefined) return undefined
      await session.hold(key)
      if ((await readMarker(fs, directory))?.key !== key) return undefined
      await unlessErrno(fs.utimes(join(directory, MARKER), now()), 'ENOENT')
      return join(directory, TREE_FILES)
    })
  }

  scratch(): Promise<string> {
    const { fs, root, session } = this.#options
    return typedErrors(root, async () => {
      await session.begin()
      const path = join(this.#directory, scratchName(session.id, this.#count++))
      await fs.mkdir(path, 0o700)
      await fs.chmod(path, 0o700)
      return path
    })
  }

  keep(directory: string, key: Digest): Promise<string> {
    const { fs, root, session } = this.#options
    return typedErrors(root, async () => {
      const target = join(this.#directory, treeName(key))
      const path = join(target, TREE_FILES)
      await session.hold(key)
      const there = await readMarker(fs, target)
      if (there?.key === key) return path
      if ((await unlessErrno(fs.lstat(target), 'ENOENT')) !== undefined) {
        // It may have come since the first look, and then somebody uses it.
        if ((await readMarker(fs, target))?.key === key) return path
        // Of another boot: out of the way. Its scratch is told of by `abandoned` once we have ended.
        await this.takeAside(basename(target))
      }
      const isBoxed = basename(directory) === TREE_FILES
      const box = isBoxed ? dirname(directory) : await this.scratch()
      if (!isBoxed) await fs.rename(directory, join(box, TREE_FILES))
      await writeMarker(fs, box, key)
      const won = await unlessErrno(
        fs.rename(box, target).then(() => true),
        'ENOTEMPTY',
        'EEXIST',
      )
      if (won === undefined && !isBoxed) await fs.rename(join(box, TREE_FILES), directory)
      return path
    })
  }

  take(key: Digest): Promise<{ readonly scratch: string; readonly directory: string } | undefined> {
    const { fs, root } = this.#options
    return typedErrors(root, async () => {
      if ((await this.find(key)) === undefined) return undefined
      const scratch = await this.takeAside(treeName(key), async () => false)
      if (scratch === undefined) return undefined
      await removeFile(fs, join(scratch, TREE_FILES, MARKER))
      return { scratch, directory: join(scratch, TREE_FILES, TREE_FILES) }
    })
  }

  abandoned(): Promise<string[]> {
    const { fs, root, session } = this.#options
    return typedErrors(root, async () => {
      // Before the sessions: a scratch that comes later belongs to a session that comes later.
      const names = await namesIn(fs, this.#directory)
      if (names.length === 0) return []
      const live = await liveSessions({ fs, root, own: session.id, sweep: false })
      const found: string[] = []
      const trees: string[] = []
      for (const name of names) {
        const owner = scratchOwner(name)
        if (owner === undefined) trees.push(name)
        else if (!live.some(({ id }) => id === owner)) found.push(join(this.#directory, name))
      }
      for (const name of some(trees)) {
        const isWhole = (await readMarker(fs, join(this.#directory, name))) !== undefined
        const aside = isWhole ? undefined : await this.takeAside(name)
        if (aside !== undefined) found.push(aside)
      }
      return found
    })
  }

  /** The names of the trees. */
  async names(): Promise<string[]> {
    const names = await namesIn(this.#options.fs, this.#directory)
    return names.filter((name) => scratchOwner(name) === undefined)
  }

  /** What a tree says of itself and when it was last found (milliseconds since 1970). */
  async describe(name: string): Promise<{ readonly key: Digest; readonly usedAt: number } | undefined> {
    const { fs } = this.#options
    const directory = join(this.#directory, name)
    const marker = await readMarker(fs, directory)
    const stat = marker && (await unlessErrno(fs.lstat(join(directory, MARKER)), 'ENOENT'))
    return stat && { key: marker.key, usedAt: stat.mtime }
  }

  /**
   * Takes a tree out of sight, into a scratch: nobody begins to use it from then on. One that has become whole since
   * it was looked at, or that `isWanted` says is wanted, goes back, and the answer is undefined.
   */
  async takeAside(name: string, isWanted?: (key: Digest) => Promise<boolean>): Promise<string | undefined> {
    const { fs } = this.#options
    const box = await this.scratch()
    const place = join(this.#directory, name)
    const aside = join(box, TREE_FILES)
    const moved = await unlessErrno(
      fs.rename(place, aside).then(() => true),
      'ENOENT',
    )
    if (moved !== undefined) {
      const marker = await readMarker(fs, aside)
      const stays = marker !== undefined && (isWanted === undefined || (await isWanted(marker.key)))
      if (!stays) return box
      const back = await unlessErrno(
        fs.rename(aside, place).then(() => true),
        'ENOTEMPTY',
        'EEXIST',
      )
      // Made anew meanwhile: that one is as good.
      if (back === undefined) return box
    }
    await unlessErrno(fs.rmdir(box), 'ENOENT')
    return undefined
  }
}

/** Trees that are looked at for being of another boot, in one go: a large store has thousands, and each build asks. */
const LOOKED_AT = 64

/** So many in a row, from anywhere: who asks again sees others. */
function some(names: readonly string[]): readonly string[] {
  const first = names.length <= LOOKED_AT ? 0 : Math.floor(Math.random() * names.length)
  return [...names.slice(first), ...names.slice(0, first)].slice(0, LOOKED_AT)
}
