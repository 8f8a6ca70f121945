import type { ByteString } from '../bytes.js'
import { CooperageError, type ErrorCode } from '../errors.js'

/** Where in an archive something was found. */
export interface TarPlace {
  /** Of the entry, counted from 0; extension headers count with the entry they describe. */
  readonly index: number
  /** Of the header or data at fault, in bytes from the start of the (uncompressed) archive. */
  readonly offset: number
}

/** A name for messages: printable ASCII as it is, every other byte as `\xNN`, cut after 200 bytes. */
export function escapeName(name: ByteString): string {
  const shown = name.length > 200 ? `${name.slice(0, 200)}...` : name
  return shown.replace(/[^\x20-\x5b\x5d-\x7e]/g, (byte) =>
    byte === '\\' ? '\\\\' : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** An error about an archive; `data` holds `entry` (the index), `offset` and what else is given. */
export function tarError(
  code: ErrorCode,
  message: string,
  where: TarPlace & { readonly hint?: string; readonly data?: Readonly<Record<string, unknown>> },
): CooperageError {
  return new CooperageError(code, `tar entry ${where.index} at byte ${where.offset}: ${message}`, {
    ...(where.hint === undefined ? {} : { hint: where.hint }),
    data: { entry: where.index, offset: where.offset, ...where.data },
  })
}

/** E_TAR_TRUNCATED: of the `expected` bytes that begin at `where` only `found` are there. Its `offset` is the end of input. */
export function truncated(where: TarPlace, expected: number, found: number): CooperageError {
  return tarError('E_TAR_TRUNCATED', 'the archive ends too early', {
    index: where.index,
    offset: where.offset + found,
    hint: 'the file is cut short: fetch or make it again',
    data: { expected, found },
  })
}
