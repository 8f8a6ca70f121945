import { readFileSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'

/** A file below /proc; undefined where it is not there or not ours to read: a process may be gone between a list and a look. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined
    throw error
  }
}
