import type { ByteString } from '../bytes.js'
import { sumHeader } from './checksum.js'
import { FIELD, type Field } from './layout.js'
import { largestOctal, writeOctal } from './numeric.js'

/** The fields of a ustar header block. Devices are left out (zero bytes) in the headers of extensions. */
export interface UstarFields {
  readonly type: string
  readonly name: ByteString
  readonly linkname: ByteString
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly uname: ByteString
  readonly gname: ByteString
  readonly devmajor?: number
  readonly devminor?: number
  readonly prefix: ByteString
}

const NON_ASCII = /[^\x01-\x7f]/g

/** Six digits and a NUL; a space follows, unlike in every other field. */
const CHECKSUM_DIGITS: Field = { at: FIELD.checksum.at, length: FIELD.checksum.length - 1 }

/**
 * Writes a header over a block of 512 bytes. A value that does not fit its field is written as Go's archive/tar does
 * beside a PAX record that has the true one: text without its non-ASCII bytes and cut, numbers as 0.
 */
export function writeHeader(fields: UstarFields, block: Buffer): void {
  block.fill(0)
  writeText(block, FIELD.name, fields.name)
  writeNumber(block, FIELD.mode, fields.mode)
  writeNumber(block, FIELD.uid, fields.uid)
  writeNumber(block, FIELD.gid, fields.gid)
  writeNumber(block, FIELD.size, fields.size)
  writeNumber(block, FIELD.mtime, fields.mtime)
  block[FIELD.type.at] = fields.type.charCodeAt(0)
  writeText(block, FIELD.linkname, fields.linkname)
  block.write('ustar\x0000', FIELD.magic.at, 'latin1')
  writeText(block, FIELD.uname, fields.uname)
  writeText(block, FIELD.gname, fields.gname)
  if (fields.devmajor !== undefined) writeNumber(block, FIELD.devmajor, fields.devmajor)
  if (fields.devminor !== undefined) writeNumber(block, FIELD.devminor, fields.devminor)
  writeText(block, FIELD.prefix, fields.prefix)
  writeOctal(block, CHECKSUM_DIGITS, sumHeader(block))
  block[CHECKSUM_DIGITS.at + CHECKSUM_DIGITS.length] = 0x20
}

function writeNumber(block: Buffer, field: Field, value: number): void {
  writeOctal(block, field, value <= largestOctal(field.length) ? value : 0)
}

function writeText(block: Buffer, { at, length }: Field, value: ByteString): void {
  if (value === '') return
  const ascii = value.replace(NON_ASCII, '')
  block.write(ascii, at, length, 'latin1')
  if (ascii.length <= length || ascii[length - 1] !== '/') return
  // Some readers take a name cut behind a slash for a directory's.
  let end = length - 1
  while (end > 0 && ascii[end - 1] === '/') end--
  block[at + end] = 0
}
