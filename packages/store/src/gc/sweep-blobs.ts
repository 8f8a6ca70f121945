import type { BlobDirectory } from '../blobs/blob-directory.js'
import { blobPath } from '../blobs/blob-path.js'
import type { BlobInfo, BlobStore } from '../blobs/blob-store.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { Digest } from '../digest.js'
import type { Trash } from './trash.js'

export interface BlobSweep {
  readonly directory: BlobDirectory
  readonly blobs: BlobStore
  readonly trash: Trash
  readonly marked: ReadonlySet<Digest>
  /** When the marking began, in milliseconds since 1970. */
  readonly start: number
  readonly grace: number
  readonly dryRun: boolean
  /** Reads the roots of the live sessions anew. */
  readonly heldNow: () => Promise<ReadonlySet<Digest>>
  readonly signal: AbortSignal | undefined
}

export interface Swept {
  readonly removed: readonly BlobInfo[]
  readonly kept: readonly BlobInfo[]
}

interface Candidate {
  readonly info: BlobInfo
  readonly mtime: number
}

/** Removes the unmarked blobs that are older than the grace and that nobody begins to use meanwhile. */
export async function sweepBlobs(sweep: BlobSweep): Promise<Swept> {
  const { trash, dryRun } = sweep
  const { candidates, kept } = await judge(sweep)
  if (dryRun) return { removed: candidates.map(({ info }) => info), kept }
  const taken: BlobInfo[] = []
  const removed: BlobInfo[] = []
  for (const { info, mtime } of candidates) {
    sweep.signal?.throwIfAborted()
    const found = await trash.take(info.digest)
    if (found === mtime) taken.push(info)
    else if (found !== undefined) {
      // Used between the look and the grasp: its time was set anew, by one whose session may have ended since.
      await trash.restore(info.digest)
      kept.push(info)
    }
  }
  const held = await sweep.heldNow()
  for (const info of taken) {
    if (held.has(info.digest)) {
      await trash.restore(info.digest)
      kept.push(info)
    } else {
      await trash.remove(info.digest)
      removed.push(info)
    }
  }
  await trash.end()
  return { removed, kept }
}

async function judge(sweep: BlobSweep): Promise<{ candidates: Candidate[]; kept: BlobInfo[] }> {
  const { directory, blobs, marked, start, grace } = sweep
  const candidates: Candidate[] = []
  const kept: BlobInfo[] = []
  for await (const info of blobs.list()) {
    sweep.signal?.throwIfAborted()
    const path = blobPath(directory.root, info.digest)
    const found = marked.has(info.digest) ? undefined : await unlessErrno(directory.fs.lstat(path), 'ENOENT')
    // A time in the future, left by a clock that was set back, counts as now.
    if (found !== undefined && Math.max(0, start - found.mtime) >= grace)
      candidates.push({ info, mtime: found.mtime })
    else kept.push(info)
  }
  return { candidates, kept }
}
