import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { type ByteString, CooperageError, fromBuffer, hasErrno, hostPath } from '@cooperage/store'
import { contextAccess, contextChanged, shown } from './context-error.js'

/** Larger than any Dockerfile or ignore file a person could mean. */
export const LARGEST_TEXT: number = 16 * 1024 * 1024

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * A small file below a directory, links followed as long as they stay inside. Undefined when it is not there.
 * @throws E_CTX_OUTSIDE, E_CTX_NOT_FILE, E_CTX_ACCESS, E_CTX_CHANGED, E_LIMIT
 */
export function readDirectoryFile(root: ByteString, path: ByteString): Uint8Array | undefined {
  const full = `${root}/${path}`
  let real: ByteString
  try {
    real = fromBuffer(realpathSync.native(hostPath(full), 'buffer'))
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    if (hasErrno(error, 'EACCES')) throw contextAccess(full, error)
    if (hasErrno(error, 'ELOOP')) throw notFile(full, error)
    throw error
  }
  if (!real.startsWith(root === '/' ? root : `${root}/`)) {
    throw new CooperageError('E_CTX_OUTSIDE', `${shown(path)} leads out of the context, to ${shown(real)}`, {
      hint: 'a file of the context may be a link only to another file of the context',
      data: { path: shown(path), found: shown(real) },
    })
  }
  let descriptor: number
  try {
    descriptor = openSync(hostPath(real), FLAGS)
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM')) throw contextAccess(full, error)
    if (hasErrno(error, 'ENXIO')) throw notFile(full, error)
    throw contextChanged(full, error)
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw notFile(full)
    return readBounded(descriptor, full)
  } finally {
    closeSync(descriptor)
  }
}

function readBounded(descriptor: number, full: ByteString): Uint8Array {
  const parts: Buffer[] = []
  for (let total = 0; ; ) {
    const part = Buffer.allocUnsafe(64 * 1024)
    const count = readSync(descriptor, part)
    if (count === 0) return Buffer.concat(parts)
    total += count
    if (total > LARGEST_TEXT) {
      throw new CooperageError('E_LIMIT', `${shown(full)} is larger than ${LARGEST_TEXT} bytes`, {
        data: { path: shown(full), limit: LARGEST_TEXT },
      })
    }
    parts.push(part.subarray(0, count))
  }
}

function notFile(full: ByteString, cause?: unknown): CooperageError {
  return new CooperageError('E_CTX_NOT_FILE', `${shown(full)} is not a file`, {
    data: { path: shown(full) },
    cause,
  })
}
