import type { ByteString } from '../bytes.js'
import { BLOCK, FIELD, type Field } from './layout.js'
import { largestOctal } from './numeric.js'

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

/**
 * Writes a header over the 512 bytes at `offset`. A value that does not fit its field is written as Go's archive/tar
 * does beside a PAX record that has the true one: text without its non-ASCII bytes and cut, numbers as 0.
 */
export function writeHeader(fields: UstarFields, target: Buffer, offset: number): void {
  target.fill(0, offset, offset + BLOCK)
  const block = new BlockWriter(target, offset)
  block.text(FIELD.name, fields.name)
  block.number(FIELD.mode, fields.mode)
  block.number(FIELD.uid, fields.uid)
  block.number(FIELD.gid, fields.gid)
  block.number(FIELD.size, fields.size)
  block.number(FIELD.mtime, fields.mtime)
  block.text(FIELD.type, fields.type)
  block.text(FIELD.linkname, fields.linkname)
  block.text(USTAR, 'ustar')
  block.text(VERSION, '00')
  block.text(FIELD.uname, fields.uname)
  block.text(FIELD.gname, fields.gname)
  if (fields.devmajor !== undefined) block.number(FIELD.devmajor, fields.devmajor)
  if (fields.devminor !== undefined) block.number(FIELD.devminor, fields.devminor)
  block.text(FIELD.prefix, fields.prefix)
  block.checksum()
}

const USTAR: Field = { at: FIELD.magic.at, length: 5 }
const VERSION: Field = { at: FIELD.magic.at + 6, length: 2 }
/** Six digits and a NUL; a space follows, unlike in every other field. */
const CHECKSUM_DIGITS: Field = { at: FIELD.checksum.at, length: FIELD.checksum.length - 1 }
const SPACE = 0x20
const ZERO = 0x30
const SLASH = 0x2f

/**
 * Writes fields over zero bytes and adds them up on the way: an archive of small files has as many headers as
 * anything else, and a call into Node for each field, or a second pass for the sum, would double their cost.
 */
class BlockWriter {
  readonly #target: Uint8Array
  readonly #offset: number
  #sum = SPACE * FIELD.checksum.length

  constructor(target: Uint8Array, offset: number) {
    this.#target = target
    this.#offset = offset
  }

  /** ASCII only, what is above left out; cut where the field ends, closed by a NUL where it does not. */
  text({ at, length }: Field, value: ByteString): void {
    const start = this.#offset + at
    const end = start + length
    let index = start
    for (let from = 0; from < value.length; from++) {
      const byte = value.charCodeAt(from)
      if (byte >= 0x80 || byte === 0) continue
      if (index === end) {
        this.#trimSlash(start, end)
        return
      }
      this.#target[index++] = byte
      this.#sum += byte
    }
  }

  /** Some readers take a name cut behind a slash for a directory's. The bytes after the NUL stay, as Go leaves them. */
  #trimSlash(start: number, end: number): void {
    let last = end
    while (last > start && this.#target[last - 1] === SLASH) last--
    if (last === end) return
    this.#target[last] = 0
    this.#sum -= SLASH
  }

  number({ at, length }: Field, value: number): void {
    this.#digits(at, length, value <= largestOctal(length) ? value : 0)
  }

  /** Octal digits led by zeros, and a NUL. */
  #digits(at: number, length: number, value: number): void {
    let index = this.#offset + at + length - 2
    const first = this.#offset + at
    let rest = value
    // Bit operations are quick but hold 31 bits only.
    while (rest > 0x3fffffff) {
      const next = Math.floor(rest / 8)
      const digit = rest - next * 8
      this.#target[index--] = ZERO + digit
      this.#sum += ZERO + digit
      rest = next
    }
    while (index >= first) {
      this.#target[index--] = ZERO + (rest & 7)
      this.#sum += ZERO + (rest & 7)
      rest >>>= 3
    }
  }

  checksum(): void {
    const { at, length } = CHECKSUM_DIGITS
    this.#digits(at, length, this.#sum)
    this.#target[this.#offset + at + length] = SPACE
  }
}
