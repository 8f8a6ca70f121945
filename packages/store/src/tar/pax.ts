import type { ByteString } from '../bytes.js'
import { CooperageError } from '../errors.js'
import { type TarPlace, tarError } from './tar-error.js'

/** One record of a PAX extended header. */
export interface PaxRecord {
  readonly key: ByteString
  /** Raw bytes; a view into what was parsed. */
  readonly value: Buffer
}

const SPACE = 0x20
const NEWLINE = 0x0a
const EQUALS = 0x3d

/** No header that passes the limit on its size has a record whose length takes more digits. */
const LONGEST_LENGTH = 12

/**
 * Records of an extended header, `"%d %s=%s\n"` each (POSIX pax, "pax Extended Header"), in their order.
 * @throws E_TAR_PAX for anything that is not exactly that: a reader that skips what it does not understand sees other
 * names and sizes than the next one.
 */
export function parsePaxRecords(bytes: Buffer, at: TarPlace): PaxRecord[] {
  const records: PaxRecord[] = []
  for (let start = 0; start < bytes.length; ) {
    const malformed = (why: string) =>
      tarError('E_TAR_PAX', `malformed PAX record: ${why}`, { ...at, data: { position: start } })
    const space = bytes.subarray(start, start + LONGEST_LENGTH + 1).indexOf(SPACE)
    if (space < 0) throw malformed('no space after the length')
    const digits = bytes.toString('latin1', start, start + space)
    if (!/^[1-9][0-9]*$/.test(digits)) throw malformed('the length is not a number')
    const end = start + Number(digits)
    const keyStart = start + space + 1
    if (end > bytes.length) throw malformed('longer than the header')
    if (end <= keyStart || bytes[end - 1] !== NEWLINE) throw malformed('no newline at its end')
    const equals = bytes.indexOf(EQUALS, keyStart)
    if (equals < 0 || equals >= end) throw malformed('no equals sign')
    const key = bytes.toString('latin1', keyStart, equals)
    if (key === '' || key.includes('\0')) throw malformed('the keyword is empty or has a NUL')
    records.push({ key, value: bytes.subarray(equals + 1, end - 1) })
    start = end
  }
  return records
}

/**
 * The body of an extended header, records in the order of their keywords' bytes.
 * @throws E_TAR_ENCODE for a keyword that cannot be written.
 */
export function formatPaxRecords(records: ReadonlyMap<ByteString, Uint8Array>): Buffer {
  const parts: Uint8Array[] = []
  for (const key of [...records.keys()].sort()) {
    if (key === '' || /[\0=]/.test(key)) {
      throw new CooperageError('E_TAR_ENCODE', `a PAX keyword cannot be ${JSON.stringify(key)}`, {
        data: { key },
      })
    }
    const value = records.get(key)!
    parts.push(
      Buffer.from(`${recordLength(key.length + value.length + 3)} ${key}=`, 'latin1'),
      value,
      LINE_END,
    )
  }
  return Buffer.concat(parts)
}

const LINE_END = Buffer.from('\n')

/** The length counts its own digits. `rest` is the length of all but them. */
function recordLength(rest: number): number {
  const length = rest + String(rest).length
  return rest + String(length).length
}
