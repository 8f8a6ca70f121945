import {
  compressLayer,
  type Descriptor,
  type Digest,
  encodeManifest,
  MediaType,
  type Store,
} from '@cooperage/store'
import type { StageLayer } from '../../execute/file-system.js'
import {
  CACHE_CONFIG_TYPE,
  CACHE_SHARD_TYPE,
  type CacheRecord,
  type CacheRecords,
  encodeCacheConfig,
  encodeRecords,
  prefixLengthFor,
  shardOf,
} from './cache-documents.js'
import type { PublishedCache } from './cache-place.js'
import type { NotedStep } from './shared-caches.js'

interface ExportOptions {
  readonly store: Store
  readonly compression: 'gzip' | 'uncompressed'
  readonly compressionLevel?: number
  readonly signal: AbortSignal
}

/** Puts manifest, config and records of a cache with these steps into the store. The same steps give the same manifest. */
export async function exportCache(
  steps: readonly NotedStep[],
  options: ExportOptions,
): Promise<PublishedCache> {
  const layers: StageLayer[] = []
  const records = new Map<Digest, CacheRecord>()
  for (const { keys, step } of sortedByDiffId(steps)) {
    const { diffId, size, created } = step
    const layer: StageLayer =
      'descriptor' in step ? step : { diffId, size, descriptor: await describe(step, options) }
    for (const key of keys) records.set(key, { diffId, size, created, layer: layers.length })
    layers.push(layer)
  }
  const { shards, config } = await putRecords(records, layers.length, options.store)
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config,
    layers: [...layers.map(({ descriptor }) => bare(descriptor!)), ...shards],
  })
  const { digest, size } = await options.store.blobs.put(bytes)
  return { manifest: { mediaType: MediaType.ociManifest, digest, size }, layers }
}

async function describe(step: NotedStep['step'], options: ExportOptions): Promise<Descriptor> {
  const { store, compression, compressionLevel, signal } = options
  if (compression === 'uncompressed')
    return { mediaType: MediaType.ociLayer, digest: step.diffId, size: step.size }
  return compressLayer(step.diffId, {
    store: store.blobs,
    records: store.records,
    ...(compressionLevel !== undefined && { level: compressionLevel }),
    signal,
  })
}

/** The shards follow the layers, so that the records' numbers are those of the manifest. */
async function putRecords(
  records: CacheRecords,
  layerCount: number,
  store: Store,
): Promise<{ readonly shards: readonly Descriptor[]; readonly config: Descriptor }> {
  const prefixLength = prefixLengthFor(records.size)
  const split = new Map<string, Map<Digest, CacheRecord>>()
  for (const [key, record] of records) {
    const prefix = shardOf(key, prefixLength)
    const shard = split.get(prefix) ?? new Map()
    split.set(prefix, shard.set(key, record))
  }
  const shards: Descriptor[] = []
  const numbers = new Map<string, number>()
  for (const [prefix, part] of [...split].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { digest, size } = await store.blobs.put(encodeRecords(part))
    numbers.set(prefix, layerCount + shards.length)
    shards.push({ mediaType: CACHE_SHARD_TYPE, digest, size })
  }
  const { digest, size } = await store.blobs.put(encodeCacheConfig({ prefixLength, shards: numbers }))
  return { shards, config: { mediaType: CACHE_CONFIG_TYPE, digest, size } }
}

function sortedByDiffId(steps: readonly NotedStep[]): NotedStep[] {
  return [...steps].sort((a, b) => (a.step.diffId < b.step.diffId ? -1 : 1))
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}
