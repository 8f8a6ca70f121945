import type { Digest } from '../digest.js'
import type { DirectoryRecordStore } from '../records/directory-record-store.js'
import { blobsOfRecord, namesBlobs } from '../refs/reachable.js'

/** The name of a record among those of all kinds. */
export type RecordName = `${string}/${string}`

export interface RecordSweep {
  readonly records: DirectoryRecordStore
  readonly dryRun: boolean
}

export interface ExpiryOptions {
  readonly now: number
  /** Milliseconds; undefined keeps all. */
  readonly unusedFor: number | undefined
}

/** Drops the records that were not used for so long, and says which. */
export async function dropUnused(sweep: RecordSweep, options: ExpiryOptions): Promise<Set<RecordName>> {
  const dropped = new Set<RecordName>()
  const { now, unusedFor } = options
  if (unusedFor === undefined) return dropped
  for (const kind of await sweep.records.kinds()) {
    for await (const { keyHash, usedAt } of sweep.records.list(kind)) {
      if (now - usedAt < unusedFor) continue
      if (!sweep.dryRun) await sweep.records.deleteHashed(kind, keyHash)
      dropped.add(`${kind}/${keyHash}`)
    }
  }
  return dropped
}

/** The blobs that records keep, those aside that were dropped. */
export async function keptByRecords(
  records: DirectoryRecordStore,
  dropped: ReadonlySet<RecordName>,
): Promise<Digest[]> {
  const kept: Digest[] = []
  for (const kind of await records.kinds()) {
    if (!namesBlobs(kind)) continue
    for await (const { keyHash, payload } of records.list(kind)) {
      const { needs, keeps } = blobsOfRecord(kind, payload)
      if (keeps && !dropped.has(`${kind}/${keyHash}`)) kept.push(...needs)
    }
  }
  return kept
}

export interface DanglingOptions {
  readonly isGone: (digest: Digest) => Promise<boolean>
  readonly dropped: ReadonlySet<RecordName>
}

/** Drops the records that name a blob that is gone; resolves to their count. */
export async function dropDangling(sweep: RecordSweep, options: DanglingOptions): Promise<number> {
  let count = 0
  for (const kind of await sweep.records.kinds()) {
    if (!namesBlobs(kind)) continue
    for await (const { keyHash, payload } of sweep.records.list(kind)) {
      if (options.dropped.has(`${kind}/${keyHash}`)) continue
      if (!(await someOf(blobsOfRecord(kind, payload).needs, options.isGone))) continue
      if (!sweep.dryRun) await sweep.records.deleteHashed(kind, keyHash)
      count++
    }
  }
  return count
}

async function someOf<T>(values: readonly T[], test: (value: T) => Promise<boolean>): Promise<boolean> {
  for (const value of values) if (await test(value)) return true
  return false
}
