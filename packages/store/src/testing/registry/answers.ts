import type { RegistryAnswer } from './fault.js'

/** distribution-spec, "Error Codes". */
export function errorAnswer(status: number, code: string, message: string): RegistryAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  }
}

/** A list as JSON. */
export function jsonAnswer(
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
): RegistryAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(document),
  }
}

/** Bytes, or the part of them that a `Range` names. */
export function bytesAnswer(
  bytes: Buffer,
  range: string | undefined,
  headers: Readonly<Record<string, string>>,
): RegistryAnswer {
  const first = /^bytes=(\d+)-$/.exec(range ?? '')?.[1]
  if (first === undefined) return { status: 200, headers, body: bytes }
  const from = Number(first)
  if (from >= bytes.length) {
    return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` } }
  }
  const rest = bytes.subarray(from)
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` },
    body: rest,
  }
}
