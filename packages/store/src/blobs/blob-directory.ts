import type { Digest } from '../digest.js'
import type { BlobThreads } from './blob-threads.js'
import type { SpareBlocks } from './block-builder.js'
import type { Durability } from './files.js'
import type { Session } from './session.js'
import type { StoreFs } from './store-fs.js'

/** What the parts of the directory blob store share. */
export interface BlobDirectory {
  readonly fs: StoreFs
  /** The root of the store, absolute. */
  readonly root: string
  readonly session: Session
  readonly durability: Durability
  readonly threads: BlobThreads
  /** Memory that one writer is done with, for the next. */
  readonly spares: SpareBlocks
  readonly now: () => number
  /** What this process has read or written from end to end. Blobs never change, short of damage. */
  readonly sound: Set<Digest>
  /** True when blobs that were not synced may have lived through a power cut: such blobs are hashed before use. */
  readonly distrustUnsynced: boolean
  /** Called before the first blob that is not synced becomes visible. */
  readonly announceUnsynced: () => Promise<void>
}

/**
 * The mode of a blob says whether it was synced before it became visible. The mode is in the inode before the name
 * is in the directory, and journals keep that order, so a power cut cannot separate them.
 */
export const SYNCED = 0o444
/** Written with `durability: 'none'`. */
export const UNSYNCED = 0o400
