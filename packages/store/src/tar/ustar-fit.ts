import type { ByteString } from '../bytes.js'
import type { TarEntry } from './entry.js'
import { FIELD } from './layout.js'
import { largestOctal } from './numeric.js'
import { XATTR_PREFIX } from './pax-fields.js'

/** A NUL counts as well: it cannot be written at all, and is refused where the records are made. */
const NOT_PLAIN = /[^\x01-\x7f]/
const LARGEST_SHORT = largestOctal(FIELD.uid.length)
const LARGEST_LONG = largestOctal(FIELD.size.length)

/**
 * PAX records of what a ustar header cannot say, undefined when it can say all: text that is not ASCII or too long,
 * large numbers, times before 1970, extended attributes. As Go chooses them.
 */
export function paxRecords(entry: TarEntry): Map<ByteString, Uint8Array> | undefined {
  const { name, linkname, uname, gname, uid, gid, size, xattrs, records: others = [] } = entry
  const mtime = Math.floor(entry.mtime)
  const records = new Map<ByteString, Uint8Array>()
  const add = (key: ByteString, value: ByteString) => records.set(key, Buffer.from(value, 'latin1'))
  if (unfit(linkname, FIELD.linkname.length)) add('linkpath', linkname)
  if (unfit(uname, FIELD.uname.length)) add('uname', uname)
  if (unfit(gname, FIELD.gname.length)) add('gname', gname)
  if (uid > LARGEST_SHORT) add('uid', String(uid))
  if (gid > LARGEST_SHORT) add('gid', String(gid))
  if (size > LARGEST_LONG) add('size', String(size))
  if (mtime > LARGEST_LONG || mtime < 0) add('mtime', String(mtime))
  for (const [key, value] of xattrs) records.set(XATTR_PREFIX + key, value)
  for (const [key, value] of others) records.set(key, value)
  // A prefix is written only in a header that needs no record; then a long name is one record more.
  if (unfit(name, FIELD.name.length) && (records.size > 0 || splitName(name) === undefined)) add('path', name)
  return records.size === 0 ? undefined : records
}

/** True, quickly, for nearly every entry there is: each field of it fits a ustar header without ado. */
export function isPlain(entry: TarEntry): boolean {
  const { name, linkname, uname, gname, uid, gid, size, mtime, xattrs } = entry
  return (
    !unfit(name, FIELD.name.length) &&
    (linkname === '' || !unfit(linkname, FIELD.linkname.length)) &&
    (uname === '' || !unfit(uname, FIELD.uname.length)) &&
    (gname === '' || !unfit(gname, FIELD.gname.length)) &&
    uid <= LARGEST_SHORT &&
    gid <= LARGEST_SHORT &&
    size <= LARGEST_LONG &&
    mtime <= LARGEST_LONG &&
    mtime >= 0 &&
    xattrs.size === 0 &&
    entry.records === undefined
  )
}

function unfit(text: ByteString, length: number): boolean {
  return text.length > length || NOT_PLAIN.test(text)
}

/**
 * Prefix and name of a long name in ASCII, undefined when there is no such split. As Go splits: at the last slash that
 * leaves a prefix short enough, even where an earlier one would do as well.
 */
export function splitName(
  name: ByteString,
): { readonly prefix: ByteString; readonly name: ByteString } | undefined {
  if (NOT_PLAIN.test(name)) return undefined
  let length = name.length
  if (length > FIELD.prefix.length + 1) length = FIELD.prefix.length + 1
  else if (name.endsWith('/')) length--
  const slash = name.lastIndexOf('/', length - 1)
  const rest = name.length - slash - 1
  if (slash <= 0 || rest === 0 || rest > FIELD.name.length) return undefined
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) }
}
