import { hash } from 'node:crypto'

const CHECKSUM = 64

/** `<sha256 of the payload in hex> TAB payload LF`, in two parts so that a large payload is not copied. */
export function encodeCheckedLine(payload: Uint8Array): readonly Uint8Array[] {
  return [Buffer.from(`${hash('sha256', payload, 'hex')}\t`), payload, Buffer.from('\n')]
}

/** The payload, as a view of `line`; undefined when anything at all is wrong with the line. */
export function decodeCheckedLine(line: Buffer): Buffer | undefined {
  const end = line.length - 1
  if (end < CHECKSUM + 1 || line[CHECKSUM] !== 0x09 || line[end] !== 0x0a) return undefined
  const payload = line.subarray(CHECKSUM + 1, end)
  return hash('sha256', payload, 'hex') === line.toString('latin1', 0, CHECKSUM) ? payload : undefined
}
