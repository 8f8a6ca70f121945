import { posix } from 'node:path'
import type { ByteString } from '../bytes.js'
import { CooperageError } from '../errors.js'
import type { TarEntry, TarEntryType } from './entry.js'
import { LARGEST_ID } from './header.js'
import { BLOCK, FIELD, tarPadding } from './layout.js'
import { DEFAULT_TAR_LIMITS } from './limits.js'
import { largestOctal } from './numeric.js'
import { formatPaxRecords } from './pax.js'
import { escapeName } from './tar-error.js'
import { isPlain, paxRecords, splitName } from './ustar-fit.js'
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

const NON_ASCII = /[^\x01-\x7f]/g
const LARGEST_DEVICE = largestOctal(FIELD.devmajor.length)

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
  if (isPlain(entry)) return writeUstar(entry, target, offset)
  checkNames(entry)
  const records = paxRecords(entry)
  if (records === undefined) return writeUstar({ ...entry, ...splitName(entry.name) }, target, offset)
  const body = formatPaxRecords(records)
  if (body.length > DEFAULT_TAR_LIMITS.paxBytes) {
    const message = `the PAX header of "${escapeName(entry.name)}" would have ${body.length} bytes`
    throw new CooperageError('E_LIMIT', message, {
      data: { limit: 'paxBytes', expected: DEFAULT_TAR_LIMITS.paxBytes, found: body.length },
    })
  }
  const second = offset + BLOCK + body.length + tarPadding(body.length)
  const needed = second + BLOCK - offset
  if (target.length - offset < needed) return -needed
  writeHeader(paxHeaderFields(entry.name, body.length), target, offset)
  target.set(body, offset + BLOCK)
  target.fill(0, offset + BLOCK + body.length, second)
  writeUstar(entry, target, second)
  return needed
}

function writeUstar(
  entry: TarEntry & { readonly prefix?: ByteString },
  target: Buffer,
  offset: number,
): number {
  if (target.length - offset < BLOCK) return -BLOCK
  const fields: UstarFields = {
    type: TYPE_CHARACTERS[entry.type],
    name: entry.name,
    linkname: entry.linkname,
    mode: (entry.mode & 0o7777) | (entry.typeBits ?? 0),
    uid: entry.uid,
    gid: entry.gid,
    size: entry.size,
    mtime: Math.max(0, Math.floor(entry.mtime)),
    uname: entry.uname,
    gname: entry.gname,
    devmajor: entry.devmajor,
    devminor: entry.devminor,
    prefix: entry.prefix ?? '',
  }
  writeHeader(fields, target, offset)
  return BLOCK
}

/** Go names the header after the entry, for old readers that unpack it as a file. */
function paxHeaderFields(name: ByteString, size: number): UstarFields {
  const slash = name.lastIndexOf('/') + 1
  const path = posix.join(name.slice(0, slash), 'PaxHeaders.0', name.slice(slash))
  return {
    type: 'x',
    name: path.replace(NON_ASCII, '').slice(0, FIELD.name.length).replace(/\/+$/, ''),
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
  const { type, name, size, mtime } = entry
  if (name === '') throw unfit(entry, 'it has no name')
  if (type === 'file' ? name.endsWith('/') : size !== 0) {
    throw unfit(
      entry,
      type === 'file' ? 'the name of a file cannot end in a slash' : `a ${type} has no content`,
    )
  }
  if (!within(entry.uid, LARGEST_ID) || !within(entry.gid, LARGEST_ID))
    throw unfit(entry, 'its owner is out of range')
  if (!within(size, Number.MAX_SAFE_INTEGER)) throw unfit(entry, 'its size is out of range')
  if (!(mtime <= Number.MAX_SAFE_INTEGER)) throw unfit(entry, 'its time is out of range')
  if (!within(entry.devmajor, LARGEST_DEVICE) || !within(entry.devminor, LARGEST_DEVICE)) {
    throw unfit(entry, 'its device number is out of range')
  }
}

function checkNames(entry: TarEntry): void {
  const { name, linkname, uname, gname } = entry
  if ([name, linkname, uname, gname].some((text) => text.includes('\0')))
    throw unfit(entry, 'there is a NUL in a name')
}

function within(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}

function unfit(entry: TarEntry, why: string): CooperageError {
  const name = escapeName(entry.name)
  return new CooperageError('E_TAR_ENCODE', `tar cannot hold "${name}": ${why}`, { data: { name } })
}
