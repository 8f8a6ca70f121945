import { resolve } from 'node:path'
import type { BlobDirectory } from './blobs/blob-directory.js'
import type { BlobStore } from './blobs/blob-store.js'
import { BlobThreads } from './blobs/blob-threads.js'
import { SpareBlocks } from './blobs/block-builder.js'
import { DirectoryBlobStore } from './blobs/directory-blob-store.js'
import type { Durability } from './blobs/files.js'
import { nodeStoreFs } from './blobs/node-store-fs.js'
import { Session } from './blobs/session.js'
import { typedErrors } from './blobs/store-error.js'
import type { StoreFs } from './blobs/store-fs.js'
import { networkFileSystem, prepareRoot } from './blobs/store-root.js'
import { UnsyncedMarks } from './blobs/unsynced-marks.js'
import type { CacheStore } from './caches/cache-store.js'
import { DirectoryCacheStore } from './caches/directory-cache-store.js'
import { prune } from './gc/prune.js'
import type { PruneOptions, PruneReport } from './gc/prune-options.js'
import { DirectoryRecordStore } from './records/directory-record-store.js'
import type { RecordStore } from './records/record-store.js'
import { DirectoryRefStore } from './refs/directory-ref-store.js'
import { blobsOfRecord } from './refs/reachable.js'
import type { RefStore } from './refs/ref-store.js'
import { DirectoryTreeStore } from './trees/directory-tree-store.js'
import type { TreeStore } from './trees/tree-store.js'

export interface OpenStoreOptions {
  /** A directory; made with mode 0700 when it is missing. */
  readonly path: string
  /** Default `full`. With `none` a power cut may lose what was written, but nothing torn is ever taken for whole. */
  readonly durability?: Durability
  /** Default: the file system of this machine. */
  readonly fs?: StoreFs
  /** Milliseconds since 1970, for times of use. Default `Date.now`. */
  readonly now?: () => number
}

/** Blobs, records and names in one directory that any number of processes may use at once. */
export interface Store extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string
  readonly blobs: BlobStore
  readonly records: RecordStore
  readonly refs: RefStore
  readonly trees: TreeStore
  readonly caches: CacheStore
  /** What the user should know about this store. */
  readonly notices: readonly StoreNotice[]
  /**
   * Removes what no name, no record and no live session needs. Safe at any time, beside any number of builders.
   * @throws E_STORE_BUSY when another collector works, or with `exclusive` another session lives; E_STORE_CORRUPT
   * while a name cannot be read.
   */
  prune(options?: PruneOptions): Promise<PruneReport>
}

export interface StoreNotice {
  readonly code: 'network-file-system'
  readonly message: string
}

/**
 * Opens a store, or makes one. Cheap: what a mere reader does not need is done with the first write.
 * @throws E_STORE_VERSION and others of `E_STORE_…` for a directory that cannot be used, E_NO_SPACE
 */
export function openStore(options: OpenStoreOptions): Promise<Store> {
  const fs = options.fs ?? nodeStoreFs
  const now = options.now ?? Date.now
  const path = resolve(options.path)
  return typedErrors(path, async () => {
    const root = await prepareRoot(fs, path)
    const network = await networkFileSystem(fs, root)
    const session = new Session(fs, root)
    const marks = new UnsyncedMarks(fs, root)
    // Another machine knows nothing of our boot.
    const durability = network === undefined ? (options.durability ?? 'full') : 'full'
    const directory: BlobDirectory = {
      fs,
      root,
      session,
      durability,
      threads: new BlobThreads(),
      spares: new SpareBlocks(),
      now,
      distrustUnsynced: await marks.foreign(),
      announceUnsynced: () => marks.announce(),
      sound: new Set(),
    }
    const blobs = new DirectoryBlobStore(directory)
    const isUsable = async (kind: string, payload: Buffer): Promise<boolean> => {
      for (const digest of blobsOfRecord(kind, payload).needs) {
        if ((await blobs.stat(digest)) === undefined) return false
      }
      return true
    }
    const records = new DirectoryRecordStore({ fs, root, session, now, isUsable })
    const refs = new DirectoryRefStore({ fs, root, session, durability })
    const trees = new DirectoryTreeStore({ fs, root, session, now })
    const caches = new DirectoryCacheStore({ fs, root, trees, now })
    const notices: StoreNotice[] = network === undefined ? [] : [networkNotice(root, network)]
    return {
      path: root,
      blobs,
      records,
      refs,
      trees,
      caches,
      notices,
      prune: (wanted = {}) =>
        typedErrors(root, () =>
          prune(
            { directory, blobs, records, refs, marks, trees, caches, isNetwork: network !== undefined },
            wanted,
          ),
        ),
      [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
    }
  })
}

function networkNotice(root: string, name: string): StoreNotice {
  return {
    code: 'network-file-system',
    message: `the store ${root} is on ${name}: every write is synced, and \`cooper prune\` needs --exclusive`,
  }
}
