import { join } from 'node:path'
import { namesIn, removeFile } from '../blobs/files.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'

export interface SweepOptions {
  readonly root: string
  readonly now: number
  readonly grace: number
  /** The names in `ingest` before the live sessions were listed: one made since belongs to a session made since. */
  readonly ingests: readonly string[]
  readonly isLive: (session: string) => boolean
  readonly dryRun: boolean
}

/** Time for a person to look at what was damaged. */
const QUARANTINE_DAYS = 7
const DAY = 86_400_000
/** From the first call of a session to its name in the directory it takes milliseconds. */
const NEW_SESSION = 3_600_000

/** Removes unfinished files of dead sessions, and old damaged blobs. Resolves to the count of unfinished ones. */
export async function sweepFiles(fs: StoreFs, options: SweepOptions): Promise<number> {
  const { root, now, grace, ingests, isLive, dryRun } = options
  const sweep = async (path: string, age: number): Promise<boolean> => {
    const found = await unlessErrno(fs.lstat(path), 'ENOENT')
    if (found === undefined || now - found.mtime < age) return false
    if (!dryRun) await removeFile(fs, path)
    return true
  }
  let count = 0
  for (const session of ingests) {
    if (isLive(session)) continue
    const directory = join(root, 'ingest', session)
    for (const name of await namesIn(fs, directory)) {
      if (await sweep(join(directory, name), grace)) count++
    }
    if (!dryRun) await unlessErrno(fs.rmdir(directory), 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')
  }
  for (const name of await namesIn(fs, join(root, 'quarantine'))) {
    await sweep(join(root, 'quarantine', name), QUARANTINE_DAYS * DAY)
  }
  for (const name of await namesIn(fs, join(root, 'sessions'))) {
    if (name.endsWith('.new')) await sweep(join(root, 'sessions', name), NEW_SESSION)
  }
  return count
}
