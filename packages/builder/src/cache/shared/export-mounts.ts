import { compressLayer, type Descriptor, type Digest, MediaType } from '@cooperage/store'
import type { StageLayer } from '../../execute/file-system.js'
import type { StepEnvironment } from '../../execute/step-environment.js'
import { cacheKey } from '../../run/mounts/cache-mount.js'
import { packMount } from '../../run/mounts/pack-mount.js'
import { sharedCacheKey } from '../../run/mounts/shared-cache-key.js'
import type { FileAccess } from '../../run/sandbox/file-access.js'
import type { PlacedTarget } from './cache-option.js'
import type { NotedMount } from './shared-mounts.js'

/** What is in a cache mount, as a layer of a cache. */
export interface MountLayer {
  readonly key: Digest
  readonly layer: StageLayer & { readonly descriptor: Descriptor; readonly size: number }
}

interface ExportMountsOptions {
  readonly target: PlacedTarget
  /** For events. */
  readonly step: string
}

/** Milliseconds for which a cache that somebody uses is waited for. */
const PATIENCE = 10_000

/**
 * The cache mounts of this build's steps: what the store has of them, else what a shared cache had. One that cannot be
 * read is left out, with a warning.
 */
export async function exportMounts(
  environment: StepEnvironment,
  options: ExportMountsOptions,
): Promise<readonly MountLayer[]> {
  const mounts = environment.shared?.mounts.noted() ?? []
  if (mounts.length === 0) return []
  const { files } = await environment.run.start(environment)
  const layers = new Map<Digest, MountLayer['layer']>()
  for (const { mount, origin: find } of mounts) {
    const origin = await find()
    const about = { namespace: environment.run.cacheNamespace, origin }
    const key = sharedCacheKey(mount, about)
    if (layers.has(key)) continue
    const layer =
      (await ofStore({ mount, key: cacheKey(mount, { ...about, files }), files }, environment, options)) ??
      (await environment.shared!.mounts.find(key))
    if (layer !== undefined) layers.set(key, layer)
  }
  return [...layers].map(([key, layer]) => ({ key, layer }))
}

async function ofStore(
  cache: { readonly mount: NotedMount['mount']; readonly key: Digest; readonly files: FileAccess },
  environment: StepEnvironment,
  { target, step }: ExportMountsOptions,
): Promise<MountLayer['layer'] | undefined> {
  const { store, signal, emit } = environment
  const { mount, key, files } = cache
  const id = `cache mount ${mount.id === '' ? mount.target : mount.id}`
  const leaveOut = (why: string) => {
    const message = `the ${id} is not written: ${why}`
    emit({ type: 'warning', rule: 'CacheMountNotExported', message, at: Date.now() })
  }
  try {
    const lease = await store.caches.read(key, { signal, patience: PATIENCE })
    if (lease === 'absent') return undefined
    if (lease === 'busy') {
      leaveOut('another build uses it')
      return undefined
    }
    await using cacheLease = lease
    const packed = await packMount(cacheLease.path, mount, {
      store,
      signal,
      files,
      onProgress: (current) => emit({ type: 'progress', step, id, current, unit: 'bytes', at: Date.now() }),
    })
    return { ...packed, descriptor: await describe(packed, target, environment) }
  } catch (error) {
    signal.throwIfAborted()
    if (!target.ignoreError) throw error
    leaveOut(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function describe(
  packed: { readonly diffId: Digest; readonly size: number },
  { compression, compressionLevel: level }: PlacedTarget,
  { store, signal }: StepEnvironment,
): Promise<Descriptor> {
  const { diffId, size } = packed
  if (compression === 'uncompressed') return { mediaType: MediaType.ociLayer, digest: diffId, size }
  const { blobs, records } = store
  return compressLayer(diffId, {
    store: blobs,
    records,
    ...(compression && { compression }),
    ...(level !== undefined && { level }),
    signal,
  })
}
