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
import type { CacheCompression } from './cache-option.js'
import type { PublishedCache } from './cache-place.js'
import type { MountLayer } from './export-mounts.js'
import { CACHE_MOUNTS_TYPE, encodeMounts, type MountRecord, type MountRecords } from './mount-documents.js'
import type { NotedStep } from './shared-caches.js'

interface ExportOptions {
  readonly store: Store
  /** Contents of cache mounts. */
  readonly mounts: readonly MountLayer[]
  readonly compression: CacheCompression
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
  const mounts = new Map<Digest, MountRecord>()
  for (const { key, layer } of sortedByKey(options.mounts)) {
    const { diffId, size } = layer
    const known = layers.findIndex(({ descriptor }) => descriptor!.digest === layer.descriptor.digest)
    mounts.set(key, { diffId, size, layer: known === -1 ? layers.length : known })
    if (known === -1) layers.push(layer)
  }
  const { documents, config } = await putDocuments({ records, mounts }, layers.length, options.store)
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config,
    layers: [...layers.map(({ descriptor }) => bare(descriptor!)), ...documents],
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
    compression,
    ...(compressionLevel !== undefined && { level: compressionLevel }),
    signal,
  })
}

/** Shards, and the list of cache mounts, follow the layers, so that the records' numbers are those of the manifest. */
async function putDocuments(
  { records, mounts }: { readonly records: CacheRecords; readonly mounts: MountRecords },
  layerCount: number,
  store: Store,
): Promise<{ readonly documents: readonly Descriptor[]; readonly config: Descriptor }> {
  const prefixLength = prefixLengthFor(records.size)
  const split = new Map<string, Map<Digest, CacheRecord>>()
  for (const [key, record] of records) {
    const prefix = shardOf(key, prefixLength)
    const shard = split.get(prefix) ?? new Map()
    split.set(prefix, shard.set(key, record))
  }
  const documents: Descriptor[] = []
  const numbers = new Map<string, number>()
  for (const [prefix, part] of [...split].sort(([a], [b]) => (a < b ? -1 : 1))) {
    numbers.set(prefix, layerCount + documents.length)
    documents.push({ mediaType: CACHE_SHARD_TYPE, ...(await putBytes(encodeRecords(part), store)) })
  }
  const isWithMounts = mounts.size > 0
  const config = {
    prefixLength,
    shards: numbers,
    ...(isWithMounts && { mounts: layerCount + documents.length }),
  }
  if (isWithMounts)
    documents.push({ mediaType: CACHE_MOUNTS_TYPE, ...(await putBytes(encodeMounts(mounts), store)) })
  const bytes = await putBytes(encodeCacheConfig(config), store)
  return { documents, config: { mediaType: CACHE_CONFIG_TYPE, ...bytes } }
}

async function putBytes(
  bytes: Uint8Array,
  store: Store,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const { digest, size } = await store.blobs.put(bytes)
  return { digest, size }
}

function sortedByKey(mounts: readonly MountLayer[]): MountLayer[] {
  return [...mounts].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function sortedByDiffId(steps: readonly NotedStep[]): NotedStep[] {
  return [...steps].sort((a, b) => (a.step.diffId < b.step.diffId ? -1 : 1))
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}
