import type { ByteString } from '../bytes.js'
import { LARGEST_ID } from './header.js'
import { type PaxRecord, parsePaxRecords } from './pax.js'
import { escapeName, type TarPlace, tarError } from './tar-error.js'

/** What an extended header says of the entry that follows it. Absent: the header block counts. */
export interface PaxFields {
  name?: ByteString
  linkname?: ByteString
  size?: number
  uid?: number
  gid?: number
  uname?: ByteString
  gname?: ByteString
  mtime?: number
  xattrs?: Map<ByteString, Uint8Array>
  /** Records whose keyword starts with `GNU.sparse.`, without that, in their order. */
  sparse?: [key: string, value: ByteString][]
}

export const XATTR_PREFIX = 'SCHILY.xattr.'
const SPARSE_PREFIX = 'GNU.sparse.'

/** Keywords that say something of every entry; GNU tar follows them in a global header, Go does not. */
const DESCRIBES_ENTRIES =
  /^(?:path|linkpath|size|[ug]id|[ug]name|mtime|hdrcharset|SCHILY\..*|GNU\.sparse\..*|LIBARCHIVE\..*|RHT\..*)$/

/**
 * The body of an `x` header. The last record of a keyword counts; keywords that are not known are left out.
 * @throws E_TAR_PAX for a malformed record, or a value that is not of its keyword's kind.
 */
export function readPaxFields(body: Buffer, at: TarPlace): PaxFields {
  const fields: PaxFields = {}
  for (const record of parsePaxRecords(body, at)) readRecord(fields, record, at)
  return fields
}

/** Lets a global header pass when it changes no entry, such as the comment of `git archive`. @throws E_TAR_AMBIGUOUS, E_TAR_PAX */
export function checkGlobalHeader(body: Buffer, at: TarPlace): void {
  for (const { key } of parsePaxRecords(body, at)) {
    if (!DESCRIBES_ENTRIES.test(key)) continue
    throw tarError('E_TAR_AMBIGUOUS', `a global header sets ${escapeName(key)}`, {
      ...at,
      hint: 'make the archive without global headers: readers differ in whether they follow them',
      data: { key: escapeName(key) },
    })
  }
}

function readRecord(fields: PaxFields, record: PaxRecord, at: TarPlace): void {
  const { key } = record
  switch (key) {
    case 'path':
      fields.name = name(record, at)
      return
    case 'linkpath':
      fields.linkname = name(record, at)
      return
    case 'uname':
    case 'gname':
      // POSIX lets an empty value take the header's away, which is what an empty name is.
      fields[key] = noNul(record, at)
      return
    case 'size':
      fields.size = decimal(record, at, Number.MAX_SAFE_INTEGER)
      return
    case 'uid':
    case 'gid':
      fields[key] = decimal(record, at, LARGEST_ID)
      return
    case 'mtime':
      fields.mtime = time(record, at)
      return
  }
  if (key.startsWith(XATTR_PREFIX)) {
    if (key.length === XATTR_PREFIX.length) throw badValue(record, at)
    fields.xattrs ??= new Map()
    fields.xattrs.set(key.slice(XATTR_PREFIX.length), Uint8Array.from(record.value))
  } else if (key.startsWith(SPARSE_PREFIX)) {
    fields.sparse ??= []
    fields.sparse.push([key.slice(SPARSE_PREFIX.length), noNul(record, at)])
  }
}

/** Not empty: POSIX and Go go back to the header block then, GNU tar takes the name `.`. */
function name(record: PaxRecord, at: TarPlace): ByteString {
  if (record.value.length === 0) throw badValue(record, at)
  return noNul(record, at)
}

/** C programs would cut the text at a NUL, others not. */
function noNul(record: PaxRecord, at: TarPlace): ByteString {
  if (record.value.includes(0)) throw badValue(record, at)
  return record.value.toString('latin1')
}

function decimal(record: PaxRecord, at: TarPlace, max: number): number {
  const text = record.value.toString('latin1', 0, 32)
  const value = Number(text)
  if (!/^[0-9]{1,20}$/.test(text) || value > max) throw badValue(record, at)
  return value
}

/** Seconds and an optional fraction; Go takes no exponent, and neither sign but `-`. */
function time(record: PaxRecord, at: TarPlace): number {
  const text = record.value.toString('latin1', 0, 64)
  const value = Number(text)
  if (!/^-?[0-9]{1,20}(?:\.[0-9]*)?$/.test(text) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw badValue(record, at)
  }
  return value
}

function badValue({ key, value }: PaxRecord, at: TarPlace): Error {
  const found = escapeName(value.toString('latin1', 0, 200))
  return tarError('E_TAR_PAX', `PAX record ${escapeName(key)} cannot be "${found}"`, {
    ...at,
    data: { key: escapeName(key), found },
  })
}
