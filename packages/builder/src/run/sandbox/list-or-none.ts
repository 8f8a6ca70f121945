import { readdirSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'

/** The names in a directory of the kernel's; none where it is not there, or not ours to read. */
export function listOrNone(path: string): string[] {
  try {
    return readdirSync(path, { encoding: 'latin1' })
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return []
    throw error
  }
}
