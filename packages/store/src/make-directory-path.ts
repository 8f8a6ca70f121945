import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno } from './errors.js'

/**
 * Makes a directory and the missing ones above it; idempotent. Node's own `recursive` asks for ever where mkdir(2)
 * says ENOENT below a directory that is there, as in `/proc`: here each directory is tried twice at most.
 * @throws the system's error, with the path that it is about
 */
export async function makeDirectoryPath(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (hasErrno(error, 'ENOENT') && parent !== path) {
      await makeDirectoryPath(parent, mode)
      return makeLast(path, mode)
    }
    await unlessThere(path, error)
  }
}

async function makeLast(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    await unlessThere(path, error)
  }
}

/** Also EROFS and the like may be said of a directory that exists. */
async function unlessThere(path: string, error: unknown): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) throw error
}
