import { existsSync, readFileSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'
import { ownCapabilities } from '../machine.js'

const CAP_SYS_ADMIN = 1n << 21n

/**
 * True inside a container, as far as that shows: Docker and podman leave a file, most have an overlay as their root, and
 * nobody but a container takes CAP_SYS_ADMIN from what root can ever have.
 */
export function isInContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true
  if (/^\S+ \S+ \S+ \S+ \/ .* - overlay /m.test(read('/proc/self/mountinfo'))) return true
  return process.getuid?.() === 0 && (ownCapabilities('Bnd') & CAP_SYS_ADMIN) === 0n
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return ''
    throw error
  }
}
