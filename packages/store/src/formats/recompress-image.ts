import type { BlobStore } from '../blobs/blob-store.js'
import { type Digest, parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { encodeIndex, encodeManifest } from '../image/encode-manifest.js'
import { isIndexType, isManifestType } from '../image/match-platform.js'
import { parseConfig } from '../image/parse-config.js'
import { parseIndex } from '../image/parse-index.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { parseManifest } from '../image/parse-manifest.js'
import { type Descriptor, type Manifest, MediaType } from '../image/types.js'
import type { RecordStore } from '../records/record-store.js'
import { compressLayer, decompressLayer } from './compress-layer.js'

export interface RecompressOptions {
  readonly store: BlobStore
  readonly records: Pick<RecordStore, 'getText' | 'put'>
  /** The form of layers that are not compressed yet; with `force` that of all. Default gzip. */
  readonly compression?: 'gzip' | 'zstd' | 'uncompressed'
  /** Layers that have another form are brought into this one as well. */
  readonly force?: boolean
  readonly signal?: AbortSignal
}

const MAX_DEPTH = 8
const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MediaType.ociConfig, MediaType.dockerConfig])
const TAR = /[.+]tar(?:[.+](?:gzip|zstd))?$/

/**
 * The manifest or index with its layers in the form that registries are given, in the store. An image whose layers have
 * it is returned as it is, its digest unchanged; of an index only the entries that the store has are looked at.
 * Idempotent. @throws E_BLOB_MISSING, E_COMPRESSION_UNSUPPORTED, E_DIFFID
 */
export function recompressImage(root: Descriptor, options: RecompressOptions): Promise<Descriptor> {
  return recompress(root, options, 0)
}

async function recompress(root: Descriptor, options: RecompressOptions, depth: number): Promise<Descriptor> {
  const { store } = options
  options.signal?.throwIfAborted()
  if (depth > MAX_DEPTH)
    throw new CooperageError('E_LIMIT', `more than ${MAX_DEPTH} indexes inside one another`)
  if (isIndexType(root.mediaType)) {
    const index = parseIndex(await store.readAll(parseDigest(root.digest), JSON_LIMIT))
    const formed: Descriptor[] = []
    for (const entry of index.manifests) {
      const isHere = (await store.stat(parseDigest(entry.digest))) !== undefined
      formed.push(isHere ? await recompress(entry, options, depth + 1) : entry)
    }
    const now = new Map(index.manifests.map(({ digest }, at) => [digest, formed[at]!.digest]))
    const manifests = formed.map((entry) => pointed(entry, now))
    const isSame = formed.every((entry, at) => entry.digest === index.manifests[at]?.digest)
    return isSame ? root : { ...root, ...(await store.put(encodeIndex({ ...index, manifests }))) }
  }
  if (!isManifestType(root.mediaType)) return root
  const manifest = parseManifest(await store.readAll(parseDigest(root.digest), JSON_LIMIT))
  const layers = await formLayers(manifest, options)
  const isSame = layers.every((layer, at) => layer.digest === manifest.layers[at]?.digest)
  return isSame ? root : { ...root, ...(await store.put(encodeManifest({ ...manifest, layers }))) }
}

/** BuildKit finds what an attestation is about by this annotation. */
const ABOUT = 'vnd.docker.reference.digest'

/** An attestation stays with its image when that has another digest now. */
function pointed(entry: Descriptor, now: ReadonlyMap<string, string>): Descriptor {
  const digest = now.get(entry.annotations?.[ABOUT] ?? '')
  return digest === undefined ? entry : { ...entry, annotations: { ...entry.annotations, [ABOUT]: digest } }
}

/** Layers of artifacts are no tars of a file system; they stay. */
async function formLayers(manifest: Manifest, options: RecompressOptions): Promise<readonly Descriptor[]> {
  const { config, layers } = manifest
  if (!IMAGE_CONFIGS.has(config.mediaType) || !layers.every(({ mediaType }) => TAR.test(mediaType)))
    return layers
  const bytes = await options.store.readAll(parseDigest(config.digest), JSON_LIMIT)
  const diffIds = parseConfig(bytes).rootfs.diff_ids
  if (diffIds.length !== layers.length) {
    const found = `${diffIds.length} diff_ids for ${layers.length} layers`
    throw new CooperageError('E_DIFFID', `the image contradicts itself: ${found}`)
  }
  const formed: Descriptor[] = []
  for (const [at, layer] of layers.entries()) {
    formed.push(await formLayer(layer, parseDigest(diffIds[at]), options))
  }
  return formed
}

async function formLayer(layer: Descriptor, diffId: Digest, options: RecompressOptions): Promise<Descriptor> {
  const { store, records, compression, force, signal } = options
  // What is fetched from elsewhere is not ours to change, and often not here.
  if (layer.urls !== undefined || /nondistributable|\.foreign\./.test(layer.mediaType)) return layer
  const isPlain = layer.digest === diffId
  const has = isPlain ? 'uncompressed' : compressionOf(layer)
  if (has === (compression ?? 'gzip') || (!isPlain && force !== true)) return layer
  const common = { store, records, ...(signal !== undefined && { signal }) }
  await decompressLayer(layer, diffId, common)
  const { mediaType: _type, digest: _digest, size: _size, ...rest } = layer
  if (compression === 'uncompressed') {
    const size = (await store.stat(diffId))?.size ?? 0
    return { ...rest, mediaType: typeOf(layer, undefined), digest: diffId, size }
  }
  const packed = await compressLayer(diffId, { ...common, ...(compression !== undefined && { compression }) })
  return {
    ...rest,
    mediaType: typeOf(layer, compressionOf(packed)),
    digest: packed.digest,
    size: packed.size,
  }
}

function compressionOf({ mediaType }: Descriptor): 'gzip' | 'zstd' | undefined {
  return /[.+](gzip|zstd)$/.exec(mediaType)?.[1] as 'gzip' | 'zstd' | undefined
}

/** One manifest never mixes the media types of OCI and of Docker: readers refuse it. */
function typeOf(layer: Descriptor, compression: 'gzip' | 'zstd' | undefined): string {
  const isDocker = layer.mediaType.startsWith('application/vnd.docker.')
  if (compression === undefined) return isDocker ? MediaType.dockerLayer : MediaType.ociLayer
  if (compression === 'zstd') return isDocker ? MediaType.dockerLayerZstd : MediaType.ociLayerZstd
  return isDocker ? MediaType.dockerLayerGzip : MediaType.ociLayerGzip
}
