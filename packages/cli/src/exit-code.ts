import { type ErrorCategory, isCooperageError } from '@cooperage/store/errors'
import { asCooperageError } from './system-error.js'

const BY_CATEGORY: Readonly<Record<ErrorCategory, number>> = {
  user: 1,
  store: 2,
  network: 3,
  sandbox: 4,
  // EX_SOFTWARE of sysexits.h.
  internal: 70,
  // As a shell counts a death by SIGINT.
  interrupted: 130,
}

/** What the process ends with after this error. */
export function exitCodeOf(error: unknown): number {
  const known = isCooperageError(error) ? error : asCooperageError(error)
  return BY_CATEGORY[known?.category ?? 'internal']
}
