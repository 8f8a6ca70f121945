import {
  CooperageError,
  type Descriptor,
  type Digest,
  type Manifest,
  parseConfig,
  parseDigest,
  parseManifest,
  type Store,
} from '@cooperage/store'
import type { LayerOrigin } from '../../execute/file-system.js'
import type { StepResult } from '../step-cache.js'
import {
  CACHE_CONFIG_TYPE,
  CACHE_SHARD_TYPE,
  type CacheConfig,
  type CacheRecord,
  type CacheRecords,
  parseCacheConfig,
  parseRecords,
  shardOf,
} from './cache-documents.js'
import type { CachePlace } from './cache-place.js'
import { inlineRecords } from './inline-cache.js'
import { CACHE_MOUNTS_TYPE, type MountRecords, parseMounts } from './mount-documents.js'

/** A step found in a shared cache: its layer is there, and perhaps not here. */
export interface SharedStep extends StepResult {
  readonly descriptor: Descriptor
  readonly origin: LayerOrigin
}

/** What a shared cache has of a cache mount. */
export interface SharedMount {
  readonly diffId: Digest
  /** Of the uncompressed archive in bytes. */
  readonly size: number
  readonly descriptor: Descriptor
  readonly origin: LayerOrigin
  /** The name of the cache. */
  readonly cache: string
}

/** Documents of a cache are small; a shard holds some hundred records. */
const DOCUMENT_LIMIT = 4 << 20

interface Wires {
  readonly store: Store
  readonly signal: AbortSignal
}

/** One shared cache, read as far as keys are asked for. */
export class ImportedCache {
  readonly #place: CachePlace
  readonly #wires: Wires
  readonly #shards = new Map<string, Promise<CacheRecords>>()
  #opening: Promise<Opened | undefined> | undefined
  #mounts: Promise<MountRecords | undefined> | undefined

  constructor(place: CachePlace, wires: Wires) {
    this.#place = place
    this.#wires = wires
  }

  get name(): string {
    return this.#place.name
  }

  /** @throws E_CACHE for what is no cache, and what the place gives; a later call throws the same */
  async find(key: Digest): Promise<SharedStep | undefined> {
    this.#opening ??= this.#open()
    const opened = await this.#opening
    if (opened === undefined) return undefined
    const record = (await opened.records(key))?.get(key)
    return record && this.#stepOf(record, opened.layers)
  }

  /** What it has of a cache mount. @throws as `find` */
  async mount(key: Digest): Promise<SharedMount | undefined> {
    this.#opening ??= this.#open()
    const opened = await this.#opening
    const document = opened?.mounts
    if (opened === undefined || document === undefined) return undefined
    this.#mounts ??= this.#readMounts(document, opened.layers.length)
    const record = (await this.#mounts)?.get(key)
    if (record === undefined) return undefined
    const { mediaType, digest, size } = opened.layers[record.layer]!
    return {
      diffId: record.diffId,
      size: record.size,
      descriptor: { mediaType, digest, size },
      origin: this.#place.origin,
      cache: this.name,
    }
  }

  async #open(): Promise<Opened | undefined> {
    const { signal } = this.#wires
    const bytes = await this.#place.manifest(signal)
    const manifest = parseManifest(bytes)
    const config = await this.#document(manifest.config)
    if (manifest.config.mediaType === CACHE_CONFIG_TYPE) return this.#openShards(manifest, config)
    // An image: its cache is in its config, or it has none.
    const { rootfs } = parseConfig(config)
    const records = inlineRecords(config, rootfs.diff_ids)
    if (records === undefined || rootfs.diff_ids.length !== manifest.layers.length) return undefined
    return { layers: manifest.layers, records: async () => records }
  }

  #openShards(manifest: Manifest, bytes: Uint8Array): Opened {
    const config = parseCacheConfig(bytes, manifest.layers.length)
    if (config === undefined) throw this.#fault('its config is of another form')
    const { layers } = manifest
    const mounts = config.mounts === undefined ? undefined : layers[config.mounts]!
    return {
      layers,
      records: (key) => this.#shard(key, { manifest, config }),
      ...(mounts !== undefined && { mounts }),
    }
  }

  async #shard(
    key: Digest,
    { manifest, config }: { manifest: Manifest; config: CacheConfig },
  ): Promise<CacheRecords | undefined> {
    const prefix = shardOf(key, config.prefixLength)
    const layer = config.shards.get(prefix)
    if (layer === undefined) return undefined
    let shard = this.#shards.get(prefix)
    shard ??= this.#readShard(manifest.layers[layer]!, manifest.layers.length)
    this.#shards.set(prefix, shard)
    return shard
  }

  async #readShard(descriptor: Descriptor, layers: number): Promise<CacheRecords> {
    const records =
      descriptor.mediaType === CACHE_SHARD_TYPE
        ? parseRecords(await this.#document(descriptor), layers)
        : undefined
    if (records === undefined) throw this.#fault(`${descriptor.digest} is no list of records`)
    return records
  }

  async #readMounts(descriptor: Descriptor, layers: number): Promise<MountRecords> {
    const records =
      descriptor.mediaType === CACHE_MOUNTS_TYPE
        ? parseMounts(await this.#document(descriptor), layers)
        : undefined
    if (records === undefined) throw this.#fault(`${descriptor.digest} is no list of cache mounts`)
    return records
  }

  async #document(descriptor: Descriptor): Promise<Uint8Array> {
    const { store, signal } = this.#wires
    if (descriptor.size > DOCUMENT_LIMIT) {
      throw this.#fault(`${descriptor.digest} has ${descriptor.size} bytes, more than ${DOCUMENT_LIMIT}`)
    }
    const digest = parseDigest(descriptor.digest)
    if ((await store.blobs.stat(digest)) === undefined) await this.#place.origin.fetchBlob(descriptor, signal)
    return store.blobs.readAll(digest, DOCUMENT_LIMIT)
  }

  #stepOf(record: CacheRecord, layers: readonly Descriptor[]): SharedStep {
    const { mediaType, digest, size } = layers[record.layer]!
    const { diffId, created } = record
    const descriptor = { mediaType, digest, size }
    return { diffId, size: record.size, created, descriptor, origin: this.#place.origin }
  }

  #fault(why: string): CooperageError {
    return new CooperageError('E_CACHE', `${this.name} is no cache that this version reads: ${why}`, {
      category: 'network',
    })
  }
}

interface Opened {
  readonly layers: readonly Descriptor[]
  /** The records among which this key would be. */
  readonly records: (key: Digest) => Promise<CacheRecords | undefined>
  /** Says which layers are contents of cache mounts. */
  readonly mounts?: Descriptor
}
