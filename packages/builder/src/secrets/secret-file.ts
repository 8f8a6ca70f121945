import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { type CooperageError, hasErrno } from '@cooperage/store'
import { MAX_SECRET_BYTES, type SecretLoader } from './secret.js'
import { secretError } from './secret-error.js'

/**
 * A secret that a file holds, byte for byte; links are followed. A pipe, such as a shell makes of `<(command)`, gives
 * its content once, so it is remembered.
 */
export function secretFile(path: string): SecretLoader {
  let piped: Promise<Uint8Array> | undefined
  return {
    async check(id) {
      await usable(id, path)
    },
    async load(id, signal) {
      signal?.throwIfAborted()
      if (piped !== undefined) return piped
      const stats = await usable(id, path)
      const value = read(id, path, signal)
      if (!stats.isFile()) piped = value
      return value
    },
  }
}

async function usable(id: string, path: string): Promise<Stats> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(id, path, error)
  })
  if (stats.isDirectory()) {
    throw secretError(
      'E_SECRET_FILE',
      { id, problem: `${path} is a directory` },
      { hint: 'name the file that holds the secret', data: { path } },
    )
  }
  if (stats.size > MAX_SECRET_BYTES) throw tooLarge(id, path)
  return stats
}

/** A read that blocks would hold a thread, and with it the end of the process, for as long as nobody writes. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
/** Milliseconds between two looks into a pipe, and of patience with one that nobody has begun to write to. */
const INTERVAL = 20
const PATIENCE = 30_000

async function read(id: string, path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1)
  let file: FileHandle | undefined
  try {
    file = await open(path, FLAGS)
    const isAwaited = (await file.stat()).isFIFO() && !(await isShellPipe(path))
    const patience = Date.now() + PATIENCE
    for (let filled = 0; ; ) {
      signal?.throwIfAborted()
      const count = await readSome(file, buffer.subarray(filled))
      filled += count ?? 0
      if (filled > MAX_SECRET_BYTES) throw tooLarge(id, path)
      // Before the first writer comes, a pipe reads like one that is at its end.
      const isWaiting = count === undefined || (count === 0 && filled === 0 && isAwaited)
      if (!isWaiting) {
        if (count === 0) return Uint8Array.from(buffer.subarray(0, filled))
        continue
      }
      if (Date.now() > patience && filled === 0) throw nobodyWrites(id, path)
      await setTimeout(INTERVAL, undefined, { ...(signal && { signal }) })
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw fileError(id, path, error)
  } finally {
    buffer.fill(0)
    await file?.close()
  }
}

/** How many bytes were read, 0 at the end, undefined when there are none yet. */
async function readSome(file: FileHandle, buffer: Buffer): Promise<number | undefined> {
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return undefined
    throw error
  }
}

/** True for `/dev/fd/63` and its like: the other end was open before the path was known. */
async function isShellPipe(path: string): Promise<boolean> {
  return (await readlink(path).catch(() => '')).startsWith('pipe:[')
}

function nobodyWrites(id: string, path: string): CooperageError {
  const problem = `nobody writes into the pipe ${path}`
  return secretError('E_SECRET_FILE', { id, problem }, { data: { path } })
}

function fileError(id: string, path: string, error: unknown): unknown {
  if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
    return secretError(
      'E_SECRET_MISSING',
      { id, problem: `there is no file ${path}` },
      {
        hint: 'check src=; without it the secret is the variable or the file that its id names',
        data: { path },
      },
    )
  }
  if (!hasErrno(error, 'EACCES', 'EPERM', 'ELOOP', 'ENXIO', 'EISDIR', 'EIO', 'ENAMETOOLONG')) return error
  const problem = `cannot read ${path} (${(error as NodeJS.ErrnoException).code})`
  return secretError('E_SECRET_FILE', { id, problem }, { data: { path } })
}

function tooLarge(id: string, path: string): CooperageError {
  return secretError(
    'E_SECRET_SIZE',
    { id, problem: `${path} is larger than ${MAX_SECRET_BYTES} bytes` },
    { data: { path, limit: MAX_SECRET_BYTES } },
  )
}
