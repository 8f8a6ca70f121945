import type { ByteString } from '../bytes.js'
import { checkLimit, type TarLimits } from './limits.js'
import { type SparsePart, sparseError, sparseNumber } from './sparse.js'
import type { TarPlace } from './tar-error.js'

/** How the GNU records of an extended header describe a sparse file. */
export interface PaxSparse {
  /** Of the file; the header block has an invented one. Absent in version 0.0. */
  readonly name?: ByteString
  /** Expanded, in bytes. */
  readonly size: number
  /** Absent in version 1.0, where the map lies before the data. */
  readonly parts?: readonly SparsePart[]
}

/**
 * Puts the `GNU.sparse.*` records together: version 0.0 (pairs of records), 0.1 (a list in one record), 1.0.
 * @throws E_TAR_SPARSE when they are not exactly one of these, since readers then differ in what they make of them.
 */
export function readPaxSparse(
  records: readonly (readonly [key: string, value: ByteString])[],
  { limits, at }: { readonly limits: TarLimits; readonly at: TarPlace },
): PaxSparse {
  const single = new Map<string, string>()
  const pairs: string[] = []
  for (const [key, value] of records) {
    if (key === 'offset' || key === 'numbytes') {
      if ((key === 'offset') !== (pairs.length % 2 === 0)) throw sparseError('offsets without lengths', at)
      pairs.push(value)
    } else if (single.has(key)) {
      throw sparseError(`two records of ${key}`, at)
    } else {
      single.set(key, value)
    }
  }
  const version = `${single.get('major') ?? 0}.${single.get('minor') ?? (single.has('map') ? 1 : 0)}`
  const name = single.get('name')
  if (name === '') throw sparseError('an empty name', at)
  const named = name === undefined ? {} : { name }
  const size = sparseNumber(single.get(version === '1.0' ? 'realsize' : 'size'), at)
  checkLimit(limits, { sparseBytes: size }, at)
  if (version === '1.0' && !single.has('map') && pairs.length === 0) return { ...named, size }

  const map = single.get('map')
  const isList = version === '0.1' && map !== undefined && pairs.length === 0
  if (!isList && (version !== '0.0' || map !== undefined)) throw sparseError(`version ${version}`, at)
  const numbers = isList ? (map === '' ? [] : map.split(',')) : pairs
  if (numbers.length % 2 !== 0 || sparseNumber(single.get('numblocks'), at) !== numbers.length / 2) {
    throw sparseError('another number of entries than it says', at)
  }
  const parts: SparsePart[] = []
  for (let index = 0; index < numbers.length; index += 2) {
    parts.push({ at: sparseNumber(numbers[index], at), length: sparseNumber(numbers[index + 1], at) })
  }
  return { ...named, size, parts }
}
