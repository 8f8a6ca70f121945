import type { SparseRun } from '../tree/node.js'
import type { TarEntry } from './entry.js'

/** An entry, and where in the uncompressed archive its content lies. */
export interface LocatedEntry {
  readonly entry: TarEntry
  /** Counted from 0; extension headers are not entries. */
  readonly index: number
  /** Of the content's first byte in the archive. */
  readonly offset: number
  /** Bytes of content in the archive; `entry.size` unless the file is sparse. */
  readonly stored: number
  /** For a sparse file: its data in order, `offset` counted as above. What lies between is zero bytes. */
  readonly sparse?: readonly SparseRun[]
}
