import {
  type BlobStore,
  compressLayer,
  type Descriptor,
  encodeManifest,
  MediaType,
  type Platform,
  parseDigest,
  type Store,
} from '@cooperage/store'
import type { StageLayer } from '../execute/file-system.js'
import { obtainBlob, obtainContent } from '../execute/obtain-layer.js'
import type { BuiltImage } from '../image/assemble-image.js'
import type { DescribedBy } from './annotations.js'
import { distributable, inFamily, isNondistributable } from './layer-types.js'

/** The form in which an image is written. */
export interface ImageForm {
  readonly compression: 'gzip' | 'zstd' | 'uncompressed'
  readonly compressionLevel?: number
  /** Base layers too are brought into this form; else they stay as they came. */
  readonly forceCompression: boolean
  readonly ociMediaTypes: boolean
  /** Layers of a base that are not to be distributed stay such; else they become layers like any other. */
  readonly preferNondistributable?: boolean
  /** SOURCE_DATE_EPOCH, when layers shall say that no time in them is later. */
  readonly rewrittenTimestamp?: number
  /** Layers that are passed on as they came are not fetched: for a push, which may mount them where they are. */
  readonly leaveAtOrigin?: boolean
}

export interface DescribeOptions extends ImageForm {
  readonly store: Store
  readonly annotations: DescribedBy
  /** What the descriptor says that the image is for; default what its config says. */
  readonly platform?: Platform
  readonly signal: AbortSignal
}

/** Writes the config and a manifest of the image into the store, its layers in the form asked for. Idempotent. */
export async function describeImage(image: BuiltImage, options: DescribeOptions): Promise<Descriptor> {
  const { blobs } = options.store
  const layers: Descriptor[] = []
  for (const layer of image.layers) layers.push(await describeLayer(layer, options))
  const config = await blobs.put(image.configBytes)
  const types = options.ociMediaTypes
    ? { manifest: MediaType.ociManifest, config: MediaType.ociConfig }
    : { manifest: MediaType.dockerManifest, config: MediaType.dockerConfig }
  const { document, descriptor } = options.annotations
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.size },
    layers,
    ...(!isEmpty(document) && { annotations: document }),
  })
  const manifest = await blobs.put(bytes)
  return {
    mediaType: types.manifest,
    digest: manifest.digest,
    size: manifest.size,
    ...(!isEmpty(descriptor) && { annotations: descriptor }),
    platform: options.platform ?? platformOf(image),
  }
}

function isEmpty(map: Readonly<Record<string, string>>): boolean {
  return Object.keys(map).length === 0
}

function platformOf({ config }: BuiltImage): Platform {
  const { architecture, os, variant } = config
  const version = config['os.version']
  const features = config['os.features']
  return {
    architecture,
    os,
    ...(version !== undefined && { 'os.version': version }),
    ...(features !== undefined && { 'os.features': features }),
    ...(variant !== undefined && { variant }),
  }
}

async function describeLayer(layer: StageLayer, options: DescribeOptions): Promise<Descriptor> {
  const formed = await formLayer(layer, options)
  const { mediaType, digest, size, urls } = inFamily(await freed(formed, options), options.ociMediaTypes)
  // Docker's media types know no annotations.
  const annotations = options.ociMediaTypes ? annotationsOf(layer, formed, options) : {}
  return {
    mediaType,
    digest,
    size,
    ...(urls !== undefined && { urls }),
    ...(!isEmpty(annotations) && { annotations }),
  }
}

async function formLayer(layer: StageLayer, options: DescribeOptions): Promise<Descriptor> {
  if (layer.descriptor !== undefined && passesOn(layer, layer.descriptor, options)) {
    if (options.leaveAtOrigin !== true) await obtainBlob(layer, options)
    return layer.descriptor
  }
  // Of which form it would be here does not matter as long as nobody has it here.
  const isElsewhere = options.leaveAtOrigin === true && layer.origin !== undefined
  if (isElsewhere && options.compression === 'uncompressed' && !(await isHere(layer, options.store))) {
    return layer.descriptor!
  }
  const { records, blobs: store } = options.store
  const common = { store, records, signal: options.signal }
  await obtainContent(layer, options)
  const { compression } = options
  if (compression !== 'uncompressed') {
    return compressLayer(layer.diffId, {
      ...common,
      compression,
      ...(options.compressionLevel !== undefined && { level: options.compressionLevel }),
    })
  }
  const size = layer.size ?? (await sizeOf(options.store.blobs, layer))
  return { mediaType: MediaType.ociLayer, digest: layer.diffId, size }
}

/** Layers of a base stay as they came; our own have the form that was asked for, whatever a cache had them in. */
function passesOn(layer: StageLayer, { mediaType }: Descriptor, options: DescribeOptions): boolean {
  if (layer.isOwn !== true) return !options.forceCompression
  const { compression, compressionLevel } = options
  return compression !== 'uncompressed' && compressionLevel === undefined && mediaType.endsWith(compression)
}

async function isHere({ diffId }: StageLayer, { blobs }: Store): Promise<boolean> {
  return (await blobs.stat(diffId)) !== undefined
}

async function sizeOf(blobs: BlobStore, layer: StageLayer): Promise<number> {
  return (await blobs.stat(layer.diffId))!.size
}

/** What is in the store can be distributed; a layer that is not there still has to come from its maker. */
async function freed(layer: Descriptor, options: DescribeOptions): Promise<Descriptor> {
  if (options.preferNondistributable === true || !isNondistributable(layer)) return layer
  const found = await options.store.blobs.stat(parseDigest(layer.digest))
  return found === undefined ? layer : distributable(layer)
}

/** Marks that a builder's store puts on the layers it keeps: they say nothing of the image. */
const INTERNAL =
  /^(?:containerd\.io\/uncompressed$|buildkit\/createdat$|containerd\.io\/distribution\.source\.)/

function annotationsOf(
  layer: StageLayer,
  { annotations = {} }: Descriptor,
  options: DescribeOptions,
): Record<string, string> {
  const kept = Object.entries(annotations).filter(([key]) => !INTERNAL.test(key))
  const isOurs = layer.isOwn === true
  if (isOurs && options.rewrittenTimestamp !== undefined) {
    kept.push(['buildkit/rewritten-timestamp', String(options.rewrittenTimestamp)])
  }
  return Object.fromEntries(kept)
}
