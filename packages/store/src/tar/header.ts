import type { ByteString } from '../bytes.js'
import { BLOCK, FIELD, type Field } from './layout.js'
import { readNumeric } from './numeric.js'
import { type TarPlace, tarError } from './tar-error.js'

/** A header block taken apart, extensions not applied. */
export interface RawHeader {
  /** The type character: `'0'`, `'5'`, `'x'`, `'\0'`… */
  readonly type: string
  readonly format: 'v7' | 'ustar' | 'gnu'
  /** With the ustar prefix. */
  readonly name: ByteString
  readonly linkname: ByteString
  /** The low twelve bits: some writers put type bits above them. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly uname: ByteString
  readonly gname: ByteString
  readonly devmajor: number
  readonly devminor: number
}

/** 2^32 - 1 means "leave it" to chown(2), so it is nobody's number. */
export const LARGEST_ID = 0xfffffffe

/** As GNU tar has it; no kernel of ours takes more. */
const LARGEST_DEVICE = 0x7fffffff

/** True when the block claims to be ustar, PAX or GNU. */
export function hasMagic(block: Buffer): boolean {
  return text(block, { at: FIELD.magic.at, length: 5 }) === 'ustar'
}

/**
 * Takes a header block with a good checksum apart.
 * @throws E_TAR_RANGE for a field that is no number or out of its range; E_TAR_AMBIGUOUS where readers would not
 * agree on the name.
 */
export function decodeHeader(block: Buffer, at: TarPlace): RawHeader {
  const type = String.fromCharCode(block[FIELD.type.at]!)
  const magic = block.toString('latin1', FIELD.magic.at, FIELD.magic.at + FIELD.magic.length)
  const format = magic.startsWith('ustar\0') ? 'ustar' : magic === 'ustar  \0' ? 'gnu' : 'v7'
  const isDevice = type === '3' || type === '4'
  const extended = format !== 'v7'
  return {
    type,
    format,
    name: format === 'ustar' ? withPrefix(block, magic, at) : plainName(block, format, at),
    linkname: text(block, FIELD.linkname),
    mode: number(block, 'mode', { at, max: Number.MAX_SAFE_INTEGER }) % 0o10000,
    uid: number(block, 'uid', { at, max: LARGEST_ID }),
    gid: number(block, 'gid', { at, max: LARGEST_ID }),
    size: number(block, 'size', { at, max: Number.MAX_SAFE_INTEGER }),
    mtime: number(block, 'mtime', { at, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    uname: extended ? text(block, FIELD.uname) : '',
    gname: extended ? text(block, FIELD.gname) : '',
    // For other types these fields hold what the writer found in its memory; only some readers look at them.
    devmajor: extended && isDevice ? number(block, 'devmajor', { at, max: LARGEST_DEVICE }) : 0,
    devminor: extended && isDevice ? number(block, 'devminor', { at, max: LARGEST_DEVICE }) : 0,
  }
}

function withPrefix(block: Buffer, magic: string, at: TarPlace): ByteString {
  const name = text(block, FIELD.name)
  const prefix = text(block, FIELD.prefix)
  if (prefix === '') return name
  // Go reads a header of an unknown version as V7, without a prefix; GNU tar looks at the magic only.
  if (!magic.endsWith('00')) {
    throw tarError('E_TAR_AMBIGUOUS', 'a name prefix in a header of unknown ustar version', at)
  }
  // star keeps its times in the last bytes of the prefix, and says so at the end of the block.
  if (block[BLOCK - 1] === 0 && block.toString('latin1', 508, 511) === 'tar' && prefix.length >= 131) {
    throw tarError('E_TAR_AMBIGUOUS', 'a name prefix that reaches into the times of star', at)
  }
  return `${prefix}/${name}`
}

const GNU_TIMES: readonly Field[] = [
  { at: FIELD.prefix.at, length: 12 },
  { at: FIELD.prefix.at + 12, length: 12 },
]

function plainName(block: Buffer, format: 'gnu' | 'v7', at: TarPlace): ByteString {
  // The GNU format has access and change time where ustar has the prefix. Go takes text found there for a prefix,
  // because its own writer once made such headers; GNU tar does not.
  if (format === 'gnu' && GNU_TIMES.some((field) => readNumeric(block, field) === undefined)) {
    throw tarError('E_TAR_AMBIGUOUS', 'text in the name prefix of a GNU header', at)
  }
  // V7 has nothing there. Python's tarfile takes it for a prefix nevertheless.
  if (format === 'v7' && block[FIELD.prefix.at] !== 0) {
    throw tarError('E_TAR_AMBIGUOUS', 'text in the name prefix of a header without magic', at)
  }
  return text(block, FIELD.name)
}

interface NumberRange {
  readonly at: TarPlace
  readonly min?: number
  readonly max: number
}

type NumericField = 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'devmajor' | 'devminor'

function number(block: Buffer, name: NumericField, { at, min = 0, max }: NumberRange): number {
  const value = readNumeric(block, FIELD[name])
  if (value !== undefined && value >= min && value <= max) return value
  throw tarError('E_TAR_RANGE', `${name} is ${value === undefined ? 'not a number' : 'out of range'}`, {
    ...at,
    data: { field: name, found: block.toString('hex', FIELD[name].at, FIELD[name].at + FIELD[name].length) },
  })
}

/** Bytes up to a NUL or the end of the field. */
function text(block: Buffer, { at, length }: Field): ByteString {
  let end = at
  while (end < at + length && block[end] !== 0) end++
  return block.toString('latin1', at, end)
}
