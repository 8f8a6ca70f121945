import { hash } from 'node:crypto'
import { CooperageError, isCooperageError } from '../errors.js'

const LONGEST = 4096
/** A file name may have 255 bytes; the rest is room for what a file system may add. */
const LONGEST_FILE = 200

/**
 * The file name for a name: UTF-8, every byte but letters, digits, `-`, `_` and inner dots as `%XX`. Two names never
 * meet, and no name is a path. A long one is named by its digest, after a sign that no other file name begins with.
 * @throws E_REF_NAME for an empty name, one above 4096 bytes, or one with control characters or lone surrogates.
 */
export function refFileName(name: string): string {
  const bytes = Buffer.from(name, 'utf8')
  if (
    name === '' ||
    bytes.length > LONGEST ||
    /[\x00-\x1f\x7f]/.test(name) ||
    bytes.toString('utf8') !== name
  ) {
    throw new CooperageError('E_REF_NAME', `not a name for an image: ${JSON.stringify(name.slice(0, 100))}`, {
      hint: `a name has 1 to ${LONGEST} bytes and no control characters`,
    })
  }
  let encoded = ''
  for (const [index, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte)
    const plain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && index > 0)
    encoded += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded.length <= LONGEST_FILE ? encoded : `=${hash('sha256', bytes, 'hex')}`
}

/** The name that a file was made for; undefined when the file name tells none. */
export function refNameOf(file: string): string | undefined {
  try {
    const name = decodeURIComponent(file)
    return refFileName(name) === file ? name : undefined
  } catch (error) {
    if (error instanceof URIError || isCooperageError(error)) return undefined
    throw error
  }
}
