import { join } from 'node:path'
import { namesIn, openForReading, removeFile } from '../blobs/files.js'
import { isSessionAlive, readRoots } from '../blobs/session-life.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import { type Digest, isDigest } from '../digest.js'

export interface LiveSession {
  readonly id: string
  /** What it holds at this moment. */
  readonly held: readonly Digest[]
}

export interface SessionsOptions {
  readonly fs: StoreFs
  readonly root: string
  /** The collector's own session, known to be alive. */
  readonly own: string
  /** Remove the files of dead ones. */
  readonly sweep: boolean
}

/** The sessions that live, or may. */
export async function liveSessions(options: SessionsOptions): Promise<LiveSession[]> {
  const { fs, root, own, sweep } = options
  const live: LiveSession[] = []
  for (const name of await namesIn(fs, join(root, 'sessions'))) {
    if (!name.endsWith('.roots')) continue
    const path = join(root, 'sessions', name)
    const file = await unlessErrno(openForReading(fs, path), 'ENOENT')
    if (file === undefined) continue
    try {
      const id = name.slice(0, -'.roots'.length)
      const text = await readRoots(file)
      if (id === own || (await isSessionAlive(fs, file, text)))
        live.push({ id, held: text.split('\n').filter(isDigest) })
      // Removed while its lock is ours: nobody can come alive under it.
      else if (sweep) await removeFile(fs, path)
    } finally {
      await file.close()
    }
  }
  return live
}
