import type { Digest } from '../digest.js'

/** Of a digest, as the name of a directory: 100 bits, and short, for many such paths go into one mount option. */
export function treeName(key: Digest): string {
  return Buffer.from(key.slice(key.indexOf(':') + 1), 'hex')
    .subarray(0, 15)
    .toString('base64url')
}

/** What the name of a scratch directory says of its owner; undefined for other names. */
export function scratchOwner(name: string): string | undefined {
  return /^tmp\.(.+)\.\d+$/.exec(name)?.[1]
}

/** The name of the scratch directory number `count` of a session. */
export function scratchName(session: string, count: number): string {
  return `tmp.${session}.${count}`
}

/** The directory of files in the directory of a tree. */
export const TREE_FILES = 'd'
/** Written last into the directory of a tree. */
export const MARKER = 'COMPLETE'
