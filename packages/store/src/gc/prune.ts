import { join } from 'node:path'
import { type BlobDirectory, SYNCED } from '../blobs/blob-directory.js'
import { blobPath } from '../blobs/blob-path.js'
import type { BlobInfo } from '../blobs/blob-store.js'
import type { DirectoryBlobStore } from '../blobs/directory-blob-store.js'
import { namesIn } from '../blobs/files.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { UnsyncedMarks } from '../blobs/unsynced-marks.js'
import { promote } from '../blobs/verify.js'
import type { DirectoryCacheStore } from '../caches/directory-cache-store.js'
import { type Digest, isDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import type { DirectoryRecordStore } from '../records/directory-record-store.js'
import type { RefStore } from '../refs/ref-store.js'
import { refuseDamagedNames } from '../refs/refuse-damaged-names.js'
import type { DirectoryTreeStore } from '../trees/directory-tree-store.js'
import { lockCollector } from './collector-lock.js'
import type { PruneOptions, PruneReport } from './prune-options.js'
import { dropDangling, dropUnused, keptByRecords, type RecordName } from './prune-records.js'
import { liveSessions } from './sessions.js'
import { sweepBlobs } from './sweep-blobs.js'
import { sweepFiles } from './sweep-files.js'
import { sweepTrees } from './sweep-trees.js'
import { Trash } from './trash.js'

export interface PrunedStore {
  readonly directory: BlobDirectory
  readonly blobs: DirectoryBlobStore
  readonly records: DirectoryRecordStore
  readonly refs: RefStore
  readonly marks: UnsyncedMarks
  readonly trees: DirectoryTreeStore
  readonly caches: DirectoryCacheStore
  readonly isNetwork: boolean
}

const HOUR = 3_600_000

/**
 * Mark and sweep beside working builders. A builder adds a root and then looks for the blob; the collector takes the
 * blob out of sight and then reads the roots. So one of them always sees the other, and no hit loses its blob.
 */
export async function prune(store: PrunedStore, options: PruneOptions): Promise<PruneReport> {
  const { directory, blobs, records } = store
  const { fs, root, session, durability } = directory
  const { grace = HOUR, dryRun = false, signal } = options
  if (store.isNetwork && options.exclusive !== true)
    throw notExclusive(root, 'it is on a network file system')
  await using _lock = await lockCollector(fs, root)
  const trash = new Trash(fs, root, durability)
  if (!dryRun) await trash.restoreLeftovers()

  const start = directory.now()
  // Before the sessions: a directory that comes later belongs to a session that comes later.
  const ingests = await namesIn(fs, join(root, 'ingest'))
  const sessions = () => liveSessions({ fs, root, own: session.id, sweep: !dryRun })
  const live = await sessions()
  if (options.exclusive === true && live.some(({ id }) => id !== session.id)) {
    throw notExclusive(root, 'others are using it')
  }
  // Before anything goes that only a name could make good again.
  await refuseDamagedNames(store.refs)
  const dropped = await dropUnused({ records, dryRun }, { now: start, unusedFor: options.unusedFor })
  // What was really dropped may have been put again since.
  const undone = dryRun ? dropped : new Set<RecordName>()
  const held = async (): Promise<Digest[]> => (await sessions()).flatMap((one) => one.held)
  const roots = async (): Promise<Digest[]> => {
    return [...(await held()), ...(await namedByRefs(store.refs)), ...(await keptByRecords(records, undone))]
  }
  const swept = await sweepBlobs({ directory, blobs, trash, start, grace, dryRun, roots, signal })

  const wouldGo = new Set(swept.removed.map(({ digest }) => digest))
  const isGone = async (digest: Digest): Promise<boolean> =>
    (dryRun && wouldGo.has(digest)) ||
    (await unlessErrno(fs.lstat(blobPath(root, digest)), 'ENOENT')) === undefined
  const dangling = await dropDangling({ records, dryRun }, { isGone, dropped })
  const isLive = (id: string): boolean => live.some((one) => one.id === id)
  const unfinished = await sweepFiles(fs, { root, now: start, grace, ingests, isLive, dryRun })
  const { removeTree } = options
  const { trees, caches } = await sweepTrees({
    trees: store.trees,
    caches: store.caches,
    now: start,
    grace,
    unusedFor: options.unusedFor,
    dryRun,
    held,
    removeTree,
  })
  if (!dryRun && directory.distrustUnsynced) await promoteAll(store)
  return {
    removed: swept.removed.length,
    bytes: sizeOf(swept.removed),
    kept: swept.kept.length,
    keptBytes: sizeOf(swept.kept),
    records: dropped.size + dangling,
    unfinished,
    trees,
    caches,
  }
}

async function namedByRefs(refs: RefStore): Promise<Digest[]> {
  const entries = await refs.list()
  // Asked after the list: what it left out for damage is still there, or was written anew and is young.
  await refuseDamagedNames(refs)
  return entries.flatMap(({ value }) => [value.descriptor.digest, ...(value.blobs ?? [])]).filter(isDigest)
}

/** Verifies what another boot did not sync, so that its mark, and the hashing on every use, can go. */
async function promoteAll({ directory, blobs, marks }: PrunedStore): Promise<void> {
  for await (const { digest } of blobs.list()) {
    const found = await unlessErrno(directory.fs.lstat(blobPath(directory.root, digest)), 'ENOENT')
    if (found !== undefined && found.mode !== SYNCED) await promote(directory, digest)
  }
  await marks.clearForeign()
}

function sizeOf(blobs: readonly BlobInfo[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0)
}

function notExclusive(root: string, why: string): CooperageError {
  return new CooperageError('E_STORE_BUSY', `the store ${root} cannot be pruned: ${why}`, {
    category: 'store',
    hint: 'prune with `exclusive` when nothing else uses the store',
    data: { path: root },
  })
}
