import { type ByteString, CooperageError, hasErrno, toUtf8 } from '@cooperage/store'

/** What a failed system call on a file of the context means for the person, or the error itself. */
export function contextError(error: unknown, path: ByteString): unknown {
  if (hasErrno(error, 'EACCES', 'EPERM')) return contextAccess(path, error)
  if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR')) return contextChanged(path, error)
  return error
}

export function contextAccess(path: ByteString, cause?: unknown): CooperageError {
  return new CooperageError('E_CTX_ACCESS', `no permission to read ${shown(path)}`, {
    hint: 'make it readable, or leave it out of the context with .dockerignore',
    data: { path: toUtf8(path) },
    cause,
  })
}

export function contextChanged(path: ByteString, cause?: unknown): CooperageError {
  return new CooperageError('E_CTX_CHANGED', `${shown(path)} changed while the context was being read`, {
    hint: 'build again when nothing writes to the context, or leave the file out with .dockerignore',
    data: { path: toUtf8(path) },
    cause,
  })
}

/** A path for a message: what a terminal would not show as such is escaped. */
export function shown(path: ByteString): string {
  return JSON.stringify(toUtf8(path)).slice(1, -1)
}
