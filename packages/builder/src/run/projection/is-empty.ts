import { readdirSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'

/** True when this process sees that nothing is in the directory; false when it may not look. */
export function isEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(path, 'latin1').length === 0
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM')) return false
    throw error
  }
}
