import { lockDescriptor } from './file-lock.js'
import { readFully } from './files.js'
import { mayBeAlive } from './process-mark.js'
import type { SessionHeader } from './session.js'
import type { StoreFile, StoreFs } from './store-fs.js'

/**
 * Whether a session whose file of roots is open here lives. One that nobody can be shown to have left counts as alive.
 * For as long as the file stays open, one that is found dead cannot come alive again.
 */
export async function isSessionAlive(fs: StoreFs, file: StoreFile, text: string): Promise<boolean> {
  const header = parseHeader(text)
  // The first line is written before the file has this name; without it, no session can be behind it.
  if (header === undefined) return false
  if (header.locked && fs.native) {
    const outcome = await lockDescriptor(file.fd)
    if (outcome !== 'unavailable') return outcome === 'busy'
  }
  return mayBeAlive(header)
}

/** A session's file of roots: its header, then digests. */
export async function readRoots(file: StoreFile): Promise<string> {
  const bytes = Buffer.alloc((await file.stat()).size)
  return bytes.toString('latin1', 0, await readFully(file, bytes, 0))
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
