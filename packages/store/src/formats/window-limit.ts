import { CooperageError } from '../errors.js'

/** How far back compressed data may look, in bytes, and so what memory it may ask for: as much as zstd allows by itself. */
export const WINDOW_LIMIT: number = 128 << 20

export function windowTooLarge(what: string, found: number): CooperageError {
  return new CooperageError(
    'E_LIMIT',
    `${what} needs a dictionary of ${found} bytes to be decompressed, more than ${WINDOW_LIMIT}`,
    {
      hint: 'compress it again with a smaller dictionary: xz -9 and zstd -19 are served',
      data: { limit: 'window', value: WINDOW_LIMIT, found },
    },
  )
}
