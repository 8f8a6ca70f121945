import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Of an absolute path that need not be there: what is there with its links followed, and the rest. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (parent === path || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return join(await realPathOf(parent), basename(path))
  }
}
