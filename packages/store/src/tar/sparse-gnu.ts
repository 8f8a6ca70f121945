import { readNumeric } from './numeric.js'
import { type SparsePart, sparseError } from './sparse.js'
import type { TarPlace } from './tar-error.js'

/** Entries of the map in a header block, and in each block that extends it. */
const HEADER_MAP = { at: 386, entries: 4, more: 482 }
const EXTENSION_MAP = { at: 0, entries: 21, more: 504 }
const REAL_SIZE = { at: 483, length: 12 }

/** The expanded size in a GNU `S` header. */
export function readRealSize(block: Buffer, at: TarPlace): number {
  const size = readNumeric(block, REAL_SIZE)
  if (size === undefined || size < 0) throw sparseError('no expanded size', at)
  return size
}

/** Appends the map entries of an `S` header, or of a block that extends one. True when another such block follows. */
export function readGnuMap(
  block: Buffer,
  parts: SparsePart[],
  { extension, at }: { readonly extension: boolean; readonly at: TarPlace },
): boolean {
  const map = extension ? EXTENSION_MAP : HEADER_MAP
  for (let index = 0; index < map.entries; index++) {
    const from = map.at + index * 24
    const ends = block[from] === 0
    // Go ends the map at an empty offset, GNU tar at an empty length.
    if (ends !== (block[from + 12] === 0)) throw sparseError('half an entry', at)
    if (ends) break
    const position = readNumeric(block, { at: from, length: 12 })
    const length = readNumeric(block, { at: from + 12, length: 12 })
    if (position === undefined || length === undefined) throw sparseError('not a number', at)
    parts.push({ at: position, length })
  }
  return block[map.more] !== 0
}
