import { type Digest, isDigest } from '@cooperage/store'
import { isIndex, isObject, parseObject } from './parse-document.js'

// The documents of a shared cache. A cache is an OCI image manifest with a config of our own; its layers are first
// the layers that steps made, then the shards: lists of records, each for the keys that begin alike. A reader fetches
// the config and the shards of the keys that it asks for, and no layer before something needs its content.

export const CACHE_CONFIG_TYPE = 'application/vnd.cooperage.cache.config.v1+json'
export const CACHE_SHARD_TYPE = 'application/vnd.cooperage.cache.records.v1+json'

/** A step that somebody ran: its layer, as a number in the list of layers that belongs to the document. */
export interface CacheRecord {
  readonly diffId: Digest
  /** Of the uncompressed layer in bytes. */
  readonly size: number
  /** RFC 3339. */
  readonly created: string
  readonly layer: number
}

export type CacheRecords = ReadonlyMap<Digest, CacheRecord>

/** Which layer of the manifest holds the records of the keys whose hexadecimal digits begin with a prefix. */
export interface CacheConfig {
  readonly prefixLength: number
  readonly shards: ReadonlyMap<string, number>
  /** The layer that says what is in cache mounts; absent when the cache holds none. */
  readonly mounts?: number
}

/** So many records make some 60 kB. */
const RECORDS_OF_A_SHARD = 256
const MAX_PREFIX = 4

/** The number of digits by which to split so many records. */
export function prefixLengthFor(count: number): number {
  let length = 0
  while (length < MAX_PREFIX && count / 16 ** length > RECORDS_OF_A_SHARD) length++
  return length
}

export function shardOf(key: Digest, prefixLength: number): string {
  const start = key.indexOf(':') + 1
  return key.slice(start, start + prefixLength)
}

/** The same records give the same bytes. */
export function encodeRecords(records: CacheRecords): Uint8Array {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(JSON.stringify(Object.fromEntries(sorted)))
}

/** Undefined for anything but what `encodeRecords` writes. `layers`: how many layers there are to point at. */
export function parseRecords(bytes: Uint8Array, layers: number): CacheRecords | undefined {
  const object = parseObject(bytes)
  if (object === undefined) return undefined
  const records = new Map<Digest, CacheRecord>()
  for (const [key, value] of Object.entries(object)) {
    const record = parseRecord(value, layers)
    if (!isDigest(key) || record === undefined) return undefined
    records.set(key, record)
  }
  return records
}

export function encodeCacheConfig({ prefixLength, shards, mounts }: CacheConfig): Uint8Array {
  const sorted = Object.fromEntries([...shards].sort(([a], [b]) => (a < b ? -1 : 1)))
  return Buffer.from(JSON.stringify({ prefixLength, shards: sorted, mounts }))
}

/** Undefined for anything but what `encodeCacheConfig` writes. `layers`: of the manifest. */
export function parseCacheConfig(bytes: Uint8Array, layers: number): CacheConfig | undefined {
  const { prefixLength, shards, mounts } = parseObject(bytes) ?? {}
  if (!isIndex(prefixLength, MAX_PREFIX + 1) || !isObject(shards)) return undefined
  if (mounts !== undefined && !isIndex(mounts, layers)) return undefined
  const entries = Object.entries(shards)
  const numbers = entries.flatMap(([prefix, layer]): [string, number][] =>
    isIndex(layer, layers) ? [[prefix, layer]] : [],
  )
  if (numbers.length !== entries.length) return undefined
  return { prefixLength, shards: new Map(numbers), ...(mounts !== undefined && { mounts }) }
}

function parseRecord(value: unknown, layers: number): CacheRecord | undefined {
  if (!isObject(value)) return undefined
  const { diffId, size, created, layer } = value
  if (!isDigest(diffId) || !isIndex(size, Number.MAX_SAFE_INTEGER) || !isIndex(layer, layers))
    return undefined
  if (typeof created !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]{8,18}Z$/.test(created)) return undefined
  return { diffId, size, created, layer }
}
