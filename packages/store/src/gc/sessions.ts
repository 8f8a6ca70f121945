import { join } from 'node:path'
import { lockDescriptor } from '../blobs/file-lock.js'
import { namesIn, openForReading, readFully, removeFile } from '../blobs/files.js'
import { mayBeAlive } from '../blobs/process-mark.js'
import type { SessionHeader } from '../blobs/session.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFile, StoreFs } from '../blobs/store-fs.js'
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

/** The sessions that live. One that nobody can be shown to have left counts as alive. */
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
      const text = await readText(file)
      if (id === own || (await isAlive(fs, file, text)))
        live.push({ id, held: text.split('\n').filter(isDigest) })
      // Removed while its lock is ours: nobody can come alive under it.
      else if (sweep) await removeFile(fs, path)
    } finally {
      await file.close()
    }
  }
  return live
}

async function isAlive(fs: StoreFs, file: StoreFile, text: string): Promise<boolean> {
  const header = parseHeader(text)
  // The first line is written before the file has this name; without it, no session can be behind it.
  if (header === undefined) return false
  if (header.locked && fs.native) {
    const outcome = await lockDescriptor(file.fd)
    if (outcome !== 'unavailable') return outcome === 'busy'
  }
  return mayBeAlive(header)
}

function parseHeader(text: string): SessionHeader | undefined {
  try {
    const header = JSON.parse(text.slice(0, text.indexOf('\n') + 1)) as SessionHeader | null
    return typeof header?.pid === 'number' ? header : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function readText(file: StoreFile): Promise<string> {
  const bytes = Buffer.alloc((await file.stat()).size)
  return bytes.toString('latin1', 0, await readFully(file, bytes, 0))
}
