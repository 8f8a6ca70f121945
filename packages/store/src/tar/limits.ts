import { type TarPlace, tarError } from './tar-error.js'

/** What an archive from outside may ask of us. Depth of paths and bytes of content are for whoever uses the entries. */
export interface TarLimits {
  /** Entries of the archive. */
  readonly entries: number
  /** Bytes of one PAX header; 1 MiB as in Go, whose readers refuse more. */
  readonly paxBytes: number
  /** Bytes of a name or a link's target. */
  readonly nameBytes: number
  /** Data runs of one sparse file. */
  readonly sparseRuns: number
  /** Expanded size of a sparse file in bytes: a few bytes of archive can promise any amount of zeros. */
  readonly sparseBytes: number
}

export const DEFAULT_TAR_LIMITS: TarLimits = {
  entries: 4_000_000,
  paxBytes: 1 << 20,
  nameBytes: 32 << 10,
  sparseRuns: 32 << 10,
  sparseBytes: 2 ** 40,
}

/** @throws E_LIMIT when one of the amounts is above its limit; `data` names the limit. */
export function checkLimit(limits: TarLimits, asked: Partial<TarLimits>, at: TarPlace): void {
  for (const which in asked) {
    const limit = limits[which as keyof TarLimits]
    const value = asked[which as keyof TarLimits]!
    if (value <= limit) continue
    throw tarError('E_LIMIT', `${which} is ${value}, the limit is ${limit}`, {
      ...at,
      data: { limit: which, expected: limit, found: value },
    })
  }
}
