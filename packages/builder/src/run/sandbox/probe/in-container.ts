import { existsSync, readFileSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'

const CAP_SYS_ADMIN = 1n << 21n

/**
 * True inside a container, as far as that shows: Docker and podman leave a file, most have an overlay as their root, and
 * nobody but a container takes CAP_SYS_ADMIN from what root can ever have.
 */
export function isInContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true
  if (/^\S+ \S+ \S+ \S+ \/ .* - overlay /m.test(read('/proc/self/mountinfo'))) return true
  return process.getuid?.() === 0 && (boundingSet() & CAP_SYS_ADMIN) === 0n
}

function boundingSet(): bigint {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status'))?.[1]
  return bounding === undefined ? -1n : BigInt(`0x${bounding}`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return ''
    throw error
  }
}
