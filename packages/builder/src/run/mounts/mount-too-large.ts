import { CooperageError } from '@cooperage/store'

/** A cache mount that is not written to a shared cache, or not read from one. */
export function mountTooLarge(what: 'bytes' | 'entries', limit: number, hint?: string): CooperageError {
  return new CooperageError('E_LIMIT', `it has more than ${limit} ${what}`, {
    ...(hint !== undefined && { hint }),
    data: { limit: what, expected: limit },
  })
}
