import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno } from '@cooperage/store'
import { aboutRemote } from './git-error.js'

const INTERVAL = 250

interface Growing {
  /** A bare repository. */
  readonly directory: string
  readonly remote: string
  readonly signal: AbortSignal
  readonly maxBytes: number
}

/** Does the work while what is fetched stays below the limit: git has no limit of its own for it. @throws E_LIMIT */
export async function whileSmall<T>(growing: Growing, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { directory, remote, maxBytes } = growing
  const limit = new AbortController()
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      if (limit.signal.aborted || (await sizeOf(join(directory, 'objects/pack'))) <= maxBytes) return
      const problem = `what is fetched is over ${maxBytes} bytes`
      limit.abort(aboutRemote('E_LIMIT', remote, { problem, data: { limit: maxBytes } }))
    })
    looking.catch((error: unknown) => limit.abort(error))
  }, INTERVAL)
  try {
    return await work(AbortSignal.any([growing.signal, limit.signal]))
  } finally {
    clearInterval(timer)
    await looking.catch(() => {})
  }
}

async function sizeOf(directory: string): Promise<number> {
  let size = 0
  for (const name of await readdir(directory, 'latin1')) {
    try {
      size += (await stat(join(directory, name))).size
    } catch (error) {
      // Git renames what it has received whole.
      if (!hasErrno(error, 'ENOENT')) throw error
    }
  }
  return size
}
