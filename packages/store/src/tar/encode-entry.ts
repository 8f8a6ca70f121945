import { posix } from 'node:path'
import type { ByteString } from '../bytes.js'
import { CooperageError } from '../errors.js'
import type { TarEntry, TarEntryType } from './entry.js'
import { LARGEST_ID } from './header.js'
import { BLOCK, FIELD, tarPadding } from './layout.js'
import { DEFAULT_TAR_LIMITS } from './limits.js'
import { largestOctal } from './numeric.js'
import { formatPaxRecords } from './pax.js'
import { XATTR_PREFIX } from './pax-fields.js'
import { escapeName } from './tar-error.js'
import { type UstarFields, writeHeader } from './write-header.js'

const TYPE_CHARACTERS: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

const NOT_PLAIN = /[^\x01-\x7f]/
const LARGEST_SHORT = largestOctal(FIELD.uid.length)
const LARGEST_LONG = largestOctal(FIELD.size.length)

/**
 * The header block or blocks of an entry: one of ustar when all fits (a long name split into prefix and name), else a
 * PAX header before it that has what does not. The bytes are those that Go's archive/tar writes, and so BuildKit's,
 * containerd's and Docker's. Modes lose all but their low twelve bits, times their fraction and what lies before 1970.
 * The content, `tarPadding(size)` zero bytes, and at last `END_OF_ARCHIVE` are for the caller to write.
 * @throws E_TAR_ENCODE for what no archive can say: a NUL in a name, a file whose name ends in a slash, content of
 * what is no file, numbers out of range; E_LIMIT when the PAX header would be larger than readers take.
 */
export function encodeTarEntry(entry: TarEntry): Buffer {
  const block = Buffer.allocUnsafe(BLOCK)
  const written = encodeTarEntryInto(entry, block, 0)
  if (written > 0) return block
  const blocks = Buffer.allocUnsafe(-written)
  encodeTarEntryInto(entry, blocks, 0)
  return blocks
}

/**
 * As `encodeTarEntry`, into a buffer that is there already.
 * @returns how many bytes were written; when they do not fit behind `offset`, nothing is written and the answer is
 * how many are needed, as a negative number.
 */
export function encodeTarEntryInto(entry: TarEntry, target: Buffer, offset: number): number {
  checkEntry(entry)
  const mtime = Math.max(0, Math.floor(entry.mtime))
  const records = paxRecords(entry, mtime)
  const split =
    entry.name.length > FIELD.name.length && records === undefined ? splitName(entry.name) : undefined
  const fields: UstarFields = {
    type: TYPE_CHARACTERS[entry.type],
    name: split?.name ?? entry.name,
    linkname: entry.linkname,
    mode: entry.mode & 0o7777,
    uid: entry.uid,
    gid: entry.gid,
    size: entry.size,
    mtime,
    uname: entry.uname,
    gname: entry.gname,
    devmajor: entry.devmajor,
    devminor: entry.devminor,
    prefix: split?.prefix ?? '',
  }
  if (records === undefined) {
    if (target.length - offset < BLOCK) return -BLOCK
    writeHeader(fields, target.subarray(offset, offset + BLOCK))
    return BLOCK
  }
  const body = formatPaxRecords(records)
  if (body.length > DEFAULT_TAR_LIMITS.paxBytes) {
    throw new CooperageError(
      'E_LIMIT',
      `the PAX header of "${escapeName(entry.name)}" would have ${body.length} bytes`,
      {
        data: { limit: 'paxBytes', expected: DEFAULT_TAR_LIMITS.paxBytes, found: body.length },
      },
    )
  }
  const padded = body.length + tarPadding(body.length)
  const needed = padded + 2 * BLOCK
  if (target.length - offset < needed) return -needed
  const second = offset + BLOCK + padded
  writeHeader(paxHeaderFields(entry.name, body.length), target.subarray(offset, offset + BLOCK))
  target.set(body, offset + BLOCK)
  target.fill(0, offset + BLOCK + body.length, second)
  writeHeader(fields, target.subarray(second, second + BLOCK))
  return needed
}

/** What ustar cannot say. Undefined when it can say all; else all that is too long for its field, split or not. */
function paxRecords(entry: TarEntry, mtime: number): Map<ByteString, Uint8Array> | undefined {
  const { name, linkname, uname, gname, uid, gid, size, xattrs } = entry
  let records: Map<ByteString, Uint8Array> | undefined
  const add = (key: ByteString, value: ByteString) => {
    records ??= new Map()
    records.set(key, Buffer.from(value, 'latin1'))
  }
  if (linkname.length > FIELD.linkname.length || NOT_PLAIN.test(linkname)) add('linkpath', linkname)
  if (uname.length > FIELD.uname.length || NOT_PLAIN.test(uname)) add('uname', uname)
  if (gname.length > FIELD.gname.length || NOT_PLAIN.test(gname)) add('gname', gname)
  if (uid > LARGEST_SHORT) add('uid', String(uid))
  if (gid > LARGEST_SHORT) add('gid', String(gid))
  if (size > LARGEST_LONG) add('size', String(size))
  if (mtime > LARGEST_LONG) add('mtime', String(mtime))
  for (const [key, value] of xattrs) {
    records ??= new Map()
    records.set(XATTR_PREFIX + key, value)
  }
  const unplain = NOT_PLAIN.test(name)
  if (unplain || name.length > FIELD.name.length) {
    // A prefix is written only in a header that needs no other record.
    if (unplain || records !== undefined || splitName(name) === undefined) add('path', name)
  }
  return records
}

/** As Go splits: at the last slash that leaves a prefix short enough, even where an earlier one would do as well. */
function splitName(name: ByteString): { readonly prefix: ByteString; readonly name: ByteString } | undefined {
  let length = name.length
  if (length > FIELD.prefix.length + 1) length = FIELD.prefix.length + 1
  else if (name.endsWith('/')) length--
  const slash = name.lastIndexOf('/', length - 1)
  const rest = name.length - slash - 1
  if (slash <= 0 || rest === 0 || rest > FIELD.name.length) return undefined
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) }
}

/** Go names the header after the entry, for old readers that unpack it as a file. */
function paxHeaderFields(name: ByteString, size: number): UstarFields {
  const slash = name.lastIndexOf('/') + 1
  const path = posix.join(name.slice(0, slash), 'PaxHeaders.0', name.slice(slash))
  return {
    type: 'x',
    name: path
      .replace(/[^\x01-\x7f]/g, '')
      .slice(0, FIELD.name.length)
      .replace(/\/+$/, ''),
    linkname: '',
    mode: 0,
    uid: 0,
    gid: 0,
    size,
    mtime: 0,
    uname: '',
    gname: '',
    prefix: '',
  }
}

function checkEntry(entry: TarEntry): void {
  const { type, name, size, devmajor, devminor } = entry
  const refuse = (why: string) => {
    throw new CooperageError('E_TAR_ENCODE', `tar cannot hold "${escapeName(name)}": ${why}`, {
      data: { name: escapeName(name) },
    })
  }
  if (name === '') refuse('it has no name')
  if (type === 'file' && name.endsWith('/')) refuse('the name of a file cannot end in a slash')
  if (type !== 'file' && size !== 0) refuse(`a ${type} has no content`)
  if (name.includes('\0') || entry.linkname.includes('\0')) refuse('there is a NUL in its name or target')
  if (entry.uname.includes('\0') || entry.gname.includes('\0'))
    refuse('there is a NUL in the name of its owner')
  if (!within(entry.uid, LARGEST_ID) || !within(entry.gid, LARGEST_ID)) refuse('its owner is out of range')
  if (!within(size, Number.MAX_SAFE_INTEGER)) refuse('its size is out of range')
  if (!Number.isFinite(entry.mtime) || entry.mtime > Number.MAX_SAFE_INTEGER)
    refuse('its time is out of range')
  if (!within(devmajor, LARGEST_SHORT) || !within(devminor, LARGEST_SHORT))
    refuse('its device is out of range')
}

function within(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}
