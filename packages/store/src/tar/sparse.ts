import type { SparseRun } from '../tree/node.js'
import { BLOCK } from './layout.js'
import { type TarPlace, tarError } from './tar-error.js'

/** Data of a sparse file: `length` bytes that belong at `at` in the expanded file. */
export interface SparsePart {
  readonly at: number
  readonly length: number
}

export function sparseError(why: string, at: TarPlace): Error {
  return tarError('E_TAR_SPARSE', `bad map of a sparse file: ${why}`, at)
}

/** A number of a map written as text. @throws E_TAR_SPARSE */
export function sparseNumber(text: string | undefined, at: TarPlace): number {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) throw sparseError('not a number', at)
  return Number(text)
}

/**
 * Checks a map and says where in the archive its data is. Empty parts, which mark the end of a file, are left out.
 * @throws E_TAR_SPARSE unless the parts are in order, apart, inside the file, and use all the data there is;
 * E_TAR_AMBIGUOUS for a part that ends inside a block with another behind it: GNU tar starts each part on a block.
 */
export function placeSparse(
  parts: readonly SparsePart[],
  { size, stored, offset, at }: { size: number; stored: number; offset: number; at: TarPlace },
): SparseRun[] {
  const runs: SparseRun[] = []
  let end = 0
  let used = 0
  for (const part of parts) {
    if (part.at < end || part.length < 0) throw sparseError('parts overlap or are out of order', at)
    end = part.at + part.length
    if (end > size) throw sparseError('a part lies beyond the end of the file', at)
    if (part.length === 0) continue
    if (used % BLOCK !== 0)
      throw tarError('E_TAR_AMBIGUOUS', 'a part of a sparse file ends inside a block', at)
    runs.push({ at: part.at, offset: offset + used, length: part.length })
    used += part.length
  }
  if (used !== stored) throw sparseError(`it describes ${used} bytes, there are ${stored}`, at)
  return runs
}
