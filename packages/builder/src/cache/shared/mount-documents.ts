import { type Digest, isDigest } from '@cooperage/store'
import { isIndex, isObject, parseObject } from './parse-document.js'

// The document of a shared cache that says which of its layers is the content of which cache mount. The config names
// it; a reader who knows nothing of cache mounts passes over it.

export const CACHE_MOUNTS_TYPE = 'application/vnd.cooperage.cache.mounts.v1+json'

/** What is in a cache mount: its archive, as a number in the list of layers that belongs to the document. */
export interface MountRecord {
  readonly diffId: Digest
  /** Of the uncompressed archive in bytes. */
  readonly size: number
  readonly layer: number
}

export type MountRecords = ReadonlyMap<Digest, MountRecord>

/** The same records give the same bytes. */
export function encodeMounts(records: MountRecords): Uint8Array {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(JSON.stringify(Object.fromEntries(sorted)))
}

/** Undefined for anything but what `encodeMounts` writes. `layers`: how many layers there are to point at. */
export function parseMounts(bytes: Uint8Array, layers: number): MountRecords | undefined {
  const records = new Map<Digest, MountRecord>()
  const object = parseObject(bytes)
  if (object === undefined) return undefined
  for (const [key, value] of Object.entries(object)) {
    if (!isDigest(key) || !isObject(value)) return undefined
    const { diffId, size, layer } = value
    if (!isDigest(diffId) || !isIndex(size, Number.MAX_SAFE_INTEGER) || !isIndex(layer, layers))
      return undefined
    records.set(key, { diffId, size, layer })
  }
  return records
}
