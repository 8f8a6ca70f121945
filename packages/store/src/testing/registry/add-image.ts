import { digestOf } from '../../digest.js'
import { type Descriptor, MediaType, type Platform } from '../../image/types.js'
import { patternBytes } from '../pattern-bytes.js'
import type { RegistryStorage } from './storage.js'

export interface AddImageOptions {
  readonly tag?: string
  /** Sizes of the layers in bytes. Their content is pattern bytes, which no consumer of layers could unpack. */
  readonly layers?: readonly number[]
  /** Default linux/amd64. */
  readonly platform?: Platform
  /** Content of another number is other content. Default 1. */
  readonly seed?: number
  /** Types of Docker instead of those of OCI. */
  readonly docker?: boolean
}

/** What was put into the registry. */
export interface AddedImage {
  readonly descriptor: Descriptor
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** Puts an image of pattern bytes into a repository. */
export function addImage(
  storage: RegistryStorage,
  repository: string,
  options: AddImageOptions = {},
): AddedImage {
  const { tag, layers: sizes = [1000], seed = 1, docker = false } = options
  const platform = options.platform ?? { os: 'linux', architecture: 'amd64' }
  const contents = sizes.map((size, index) => patternBytes(size, seed * 100 + index))
  const layers = contents.map((bytes): Descriptor => {
    const mediaType = docker ? MediaType.dockerLayer : MediaType.ociLayer
    return { mediaType, digest: storage.addBlob(repository, bytes), size: bytes.length }
  })
  const config = addConfig(storage, repository, {
    docker,
    document: { ...platform, config: {}, rootfs: { type: 'layers', diff_ids: contents.map(digestOf) } },
  })
  const mediaType = docker ? MediaType.dockerManifest : MediaType.ociManifest
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }))
  const digest = storage.addManifest(repository, { bytes, mediaType }, tag)
  return { descriptor: { mediaType, digest, size: bytes.length, platform }, config, layers }
}

/** Puts an index into a repository. */
export function addIndex(
  storage: RegistryStorage,
  repository: string,
  options: { readonly manifests: readonly Descriptor[]; readonly tag?: string; readonly docker?: boolean },
): Descriptor {
  const mediaType = options.docker === true ? MediaType.dockerManifestList : MediaType.ociIndex
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: options.manifests }))
  const digest = storage.addManifest(repository, { bytes, mediaType }, options.tag)
  return { mediaType, digest, size: bytes.length }
}

function addConfig(
  storage: RegistryStorage,
  repository: string,
  options: { readonly document: object; readonly docker: boolean },
): Descriptor {
  const bytes = Buffer.from(JSON.stringify(options.document))
  const mediaType = options.docker ? MediaType.dockerConfig : MediaType.ociConfig
  return { mediaType, digest: storage.addBlob(repository, bytes), size: bytes.length }
}
