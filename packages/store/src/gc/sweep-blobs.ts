import type { BlobDirectory } from '../blobs/blob-directory.js'
import { blobPath } from '../blobs/blob-path.js'
import type { BlobInfo } from '../blobs/blob-store.js'
import type { DirectoryBlobStore } from '../blobs/directory-blob-store.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { Digest } from '../digest.js'
import { mark } from './mark.js'
import type { Trash } from './trash.js'

export interface BlobSweep {
  readonly directory: BlobDirectory
  readonly blobs: DirectoryBlobStore
  readonly trash: Trash
  /** When the marking began, in milliseconds since 1970. */
  readonly start: number
  readonly grace: number
  readonly dryRun: boolean
  /** What sessions, names and records keep at this moment; read in this order, for a session ends after its names. */
  readonly roots: () => Promise<readonly Digest[]>
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
  const { blobs, trash } = sweep
  const { candidates, kept } = await judge(sweep, await mark(blobs, await sweep.roots()))
  if (sweep.dryRun) return { removed: candidates.map(({ info }) => info), kept }
  const taken = new Map<Digest, BlobInfo>()
  for (const { info, mtime } of candidates) {
    sweep.signal?.throwIfAborted()
    const found = await trash.take(info.digest)
    if (found === mtime) taken.set(info.digest, info)
    else if (found !== undefined) {
      // Used between the look and the grasp: its time was set anew, by one whose session may have ended since.
      await trash.restore(info.digest)
      kept.push(info)
    }
  }
  if (taken.size > 0) {
    // Nobody finds them any more without us seeing his root. Who found one before has his root, or its name, here.
    await mark(blobs, await sweep.roots(), async (digest) => {
      const info = taken.get(digest)
      if (info === undefined) return
      taken.delete(digest)
      await trash.restore(digest)
      kept.push(info)
    })
  }
  const removed = [...taken.values()]
  for (const { digest } of removed) await trash.remove(digest)
  await trash.end()
  return { removed, kept }
}

async function judge(
  sweep: BlobSweep,
  marked: ReadonlySet<Digest>,
): Promise<{ candidates: Candidate[]; kept: BlobInfo[] }> {
  const { directory, blobs, start, grace } = sweep
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
