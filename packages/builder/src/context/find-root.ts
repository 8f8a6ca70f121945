import { realpathSync, statSync } from 'node:fs'
import { type ByteString, CooperageError, fromBuffer, fromUtf8, hasErrno, hostPath } from '@cooperage/store'
import { contextAccess } from './context-error.js'

/** The directory of a context itself, links resolved. @throws E_CTX_MISSING, E_CTX_NOT_DIR, E_CTX_ACCESS */
export function findRoot(path: string): ByteString {
  const bytes = fromUtf8(path)
  try {
    const root = fromBuffer(realpathSync.native(hostPath(bytes), 'buffer'))
    if (statSync(hostPath(root)).isDirectory()) return root
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      throw new CooperageError('E_CTX_MISSING', `the context ${JSON.stringify(path)} does not exist`, {
        data: { path },
        cause: error,
      })
    }
    if (hasErrno(error, 'EACCES')) throw contextAccess(bytes, error)
    throw error
  }
  throw new CooperageError('E_CTX_NOT_DIR', `the context ${JSON.stringify(path)} is not a directory`, {
    hint: 'the context is a folder; the Dockerfile is named with --file',
    data: { path },
  })
}
