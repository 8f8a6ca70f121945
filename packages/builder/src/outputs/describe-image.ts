import {
  type BlobStore,
  compressLayer,
  type Descriptor,
  encodeManifest,
  MediaType,
  type Store,
} from '@cooperage/store'
import type { StageLayer } from '../execute/file-system.js'
import { obtainBlob, obtainContent } from '../execute/obtain-layer.js'
import type { BuiltImage } from '../image/assemble-image.js'

export interface DescribeOptions {
  readonly store: Store
  readonly compression: 'gzip' | 'uncompressed'
  readonly compressionLevel?: number
  /** Base layers too are brought into this form; else they stay as they came. */
  readonly forceCompression: boolean
  readonly ociMediaTypes: boolean
  readonly annotations: Readonly<Record<string, string>>
  /** SOURCE_DATE_EPOCH, when layers shall say that no time in them is later. */
  readonly rewrittenTimestamp?: number
  /** Layers that are passed on as they came are not fetched: for a push, which may mount them where they are. */
  readonly leaveAtOrigin?: boolean
  readonly signal: AbortSignal
}

/** Writes the config and a manifest of the image into the store, its layers in the form asked for. Idempotent. */
export async function describeImage(image: BuiltImage, options: DescribeOptions): Promise<Descriptor> {
  const { blobs } = options.store
  const layers: Descriptor[] = []
  for (const layer of image.layers) {
    const described = await describeLayer(layer, options)
    layers.push(annotate(withFamily(described, options), layer, options))
  }
  const config = await blobs.put(image.configBytes)
  const types = options.ociMediaTypes
    ? { manifest: MediaType.ociManifest, config: MediaType.ociConfig }
    : { manifest: MediaType.dockerManifest, config: MediaType.dockerConfig }
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.size },
    layers,
    ...(Object.keys(options.annotations).length > 0 && { annotations: options.annotations }),
  })
  const manifest = await blobs.put(bytes)
  const { architecture, os, variant } = image.config
  return {
    mediaType: types.manifest,
    digest: manifest.digest,
    size: manifest.size,
    platform: { architecture, os, ...(variant !== undefined && { variant }) },
  }
}

async function describeLayer(layer: StageLayer, options: DescribeOptions): Promise<Descriptor> {
  if (layer.descriptor !== undefined && passesOn(layer, layer.descriptor, options)) {
    if (options.leaveAtOrigin !== true) await obtainBlob(layer, options)
    return layer.descriptor
  }
  const { records, blobs: store } = options.store
  const common = { store, records, signal: options.signal }
  await obtainContent(layer, options)
  if (options.compression === 'gzip') {
    return compressLayer(layer.diffId, {
      ...common,
      ...(options.compressionLevel !== undefined && { level: options.compressionLevel }),
    })
  }
  const size = layer.size ?? (await sizeOf(options.store.blobs, layer))
  return { mediaType: MediaType.ociLayer, digest: layer.diffId, size }
}

/** Layers of a base stay as they came; our own have the form that was asked for, whatever a cache had them in. */
function passesOn(layer: StageLayer, { mediaType }: Descriptor, options: DescribeOptions): boolean {
  if (layer.isOwn !== true) return !options.forceCompression
  const isGzip = mediaType.endsWith('gzip')
  return options.compression === 'gzip' ? isGzip && options.compressionLevel === undefined : false
}

async function sizeOf(blobs: BlobStore, layer: StageLayer): Promise<number> {
  return (await blobs.stat(layer.diffId))!.size
}

const DOCKER_TYPES: Readonly<Record<string, string>> = {
  [MediaType.ociLayer]: MediaType.dockerLayer,
  [MediaType.ociLayerGzip]: MediaType.dockerLayerGzip,
}
const OCI_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(DOCKER_TYPES).map(([oci, docker]) => [docker, oci]),
)

/** One manifest never mixes the two families of media types: readers refuse it. */
function withFamily(layer: Descriptor, options: DescribeOptions): Descriptor {
  const types = options.ociMediaTypes ? OCI_TYPES : DOCKER_TYPES
  return { ...layer, mediaType: types[layer.mediaType] ?? layer.mediaType }
}

function annotate(described: Descriptor, layer: StageLayer, options: DescribeOptions): Descriptor {
  const { mediaType, digest, size, annotations } = described
  const isOurs = layer.isOwn === true
  const rewritten =
    isOurs && options.rewrittenTimestamp !== undefined
      ? { 'buildkit/rewritten-timestamp': String(options.rewrittenTimestamp) }
      : undefined
  const all = { ...annotations, ...rewritten }
  return { mediaType, digest, size, ...(Object.keys(all).length > 0 && { annotations: all }) }
}
