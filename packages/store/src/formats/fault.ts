import type { CooperageError } from '../errors.js'

/** Makes the error for a compressed stream that is not what it should be. */
export type Fault = (
  kind: 'TRUNCATED' | 'TRAILING' | 'CHECKSUM' | 'DATA',
  problem: string,
  cause?: unknown,
) => CooperageError

export const TRAILING = 'has other bytes after its compressed data'
