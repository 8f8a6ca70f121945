import type { Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
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

async function read(id: string, path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1)
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    let filled = 0
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null)
      filled += bytesRead
      if (filled > MAX_SECRET_BYTES) throw tooLarge(id, path)
      if (bytesRead === 0) return Uint8Array.from(buffer.subarray(0, filled))
    }
  } catch (error) {
    throw fileError(id, path, error)
  } finally {
    buffer.fill(0)
    await file?.close()
  }
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
