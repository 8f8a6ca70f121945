import { constants } from 'node:os'
import { CooperageError, hasErrno } from '../errors.js'

/** Does what writes to this path; when the disk is full the error names it. @throws E_NO_SPACE */
export async function withSpaceFor<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (!isFull(cause)) throw cause
    throw new CooperageError('E_NO_SPACE', `no space left while writing ${path}`, {
      category: 'store',
      cause,
      data: { path },
    })
  }
}

/** EDQUOT has no name in Node. */
function isFull(error: unknown): boolean {
  return (
    hasErrno(error, 'ENOSPC') ||
    (error as NodeJS.ErrnoException | undefined)?.errno === -constants.errno.EDQUOT
  )
}
