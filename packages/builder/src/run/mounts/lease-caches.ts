import { join } from 'node:path'
import type { CacheSharing, Digest } from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import type { BindSource } from './bind-source.js'
import { cacheKey } from './cache-mount.js'
import { contentName } from './content-name.js'
import { CACHED_FILE, fillCache, originOf } from './fill-cache.js'
import type { MountContext } from './mount-context.js'

interface WantedCache {
  readonly key: Digest
  readonly mounts: RunMount[]
  readonly source: BindSource | undefined
  readonly origin: string | undefined
}

/** What is mounted of a cache. */
export interface StepCache {
  readonly path: string
  readonly type: 'file' | 'directory'
}

/** The strictest first: where one mount of a step wants a cache alone, others do not open it to other steps. */
const STRICTNESS: readonly CacheSharing[] = ['locked', 'private', 'shared']

/**
 * The directory of each cache mount of a step. Mounts of one cache have one directory, as in BuildKit: a step that
 * asked for it twice would wait for itself. All steps take theirs in one order, so that no two wait for each other.
 */
export async function leaseCaches(
  mounts: readonly RunMount[],
  context: MountContext,
): Promise<ReadonlyMap<RunMount, StepCache>> {
  const { environment, isLent, leases } = context
  const wanted = await wantedCaches(mounts, context)
  const found = new Map<RunMount, StepCache>()
  for (const { key, mounts, source, origin } of wanted) {
    const lease = await environment.store.caches.lease(key, {
      // Whoever comes second gets another one rather than to wait: two steps might wait for each other.
      sharing: isLent ? 'private' : strictest(mounts),
      signal: environment.signal,
      onWait: () => tellOfWait(mounts[0]!, context),
      fill: (directory) => fillCache(directory, { mount: mounts[0]!, source, origin, context }),
    })
    const { path } = leases.add(lease)
    const isFile = (await originOf(mounts[0]!, source))?.type === 'file'
    const cache = isFile
      ? ({ path: join(path, CACHED_FILE), type: 'file' } as const)
      : ({ path, type: 'directory' } as const)
    for (const mount of mounts) found.set(mount, cache)
  }
  return found
}

function tellOfWait({ target }: RunMount, { step, environment }: MountContext): void {
  const data = `waits for the cache ${target}, which another step uses\n`
  environment.emit({ type: 'log', step, stream: 'stderr', data, at: Date.now() })
}

async function wantedCaches(mounts: readonly RunMount[], context: MountContext): Promise<WantedCache[]> {
  const { binds, step, files, cacheNamespace: namespace, isLent } = context
  const wanted: WantedCache[] = []
  for (const mount of mounts) {
    if (mount.type !== 'cache') continue
    const source = binds.find((one) => one.mount === mount)
    const origin = source && (await contentName(source, step))
    const key = cacheKey(mount, { namespace, origin, files })
    // What is lent is in one place only.
    const same = isLent ? undefined : wanted.find((one) => one.key === key)
    if (same === undefined) wanted.push({ key, mounts: [mount], source, origin })
    else same.mounts.push(mount)
  }
  return wanted.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
}

function strictest(mounts: readonly RunMount[]): CacheSharing {
  return STRICTNESS.find((one) => mounts.some(({ sharing = 'shared' }) => sharing === one))!
}
