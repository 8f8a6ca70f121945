import {
  type Descriptor,
  type Digest,
  defaultPlatform,
  formatPlatform,
  type ImageConfig,
  isIndexType,
  type Manifest,
  matchPlatform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  type RefEntry,
  type Store,
} from '@cooperage/store'

/** An image of the store, as its documents describe it. */
export interface StoredImage {
  /** Digest of the config: the image ID of docker. */
  readonly id: Digest
  /** What the name stands for: a manifest, or an index of several platforms. */
  readonly target: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** Bytes of all layers, as the manifest counts them. */
  readonly size: number
}

const DOCUMENT_LIMIT = 4 * 1024 * 1024
/** An index may hold an index; nothing that is meant to be run nests deeper. */
const DEEPEST = 4

/**
 * Reads the documents of what a name stands for. Of an index it is the image for this machine, or else the first.
 * @throws E_BLOB_MISSING, E_STORE_CORRUPT, E_MANIFEST, E_CONFIG
 */
export async function readImage(store: Store, entry: RefEntry): Promise<StoredImage> {
  const target = entry.value.descriptor
  const read = (descriptor: Descriptor): Promise<Uint8Array> =>
    store.blobs.readAll(parseDigest(descriptor.digest), DOCUMENT_LIMIT)
  let descriptor = target
  for (let depth = 0; depth < DEEPEST && isIndexType(descriptor.mediaType); depth++) {
    descriptor = choose(parseIndex(await read(descriptor)).manifests)
  }
  const manifest = parseManifest(await read(descriptor))
  return {
    id: parseDigest(manifest.config.digest),
    target,
    manifest,
    config: parseConfig(await read(manifest.config)),
    size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
  }
}

function choose(manifests: readonly Descriptor[]): Descriptor {
  const here = defaultPlatform()
  const same = manifests.some((one) => one.platform && formatPlatform(one.platform) === formatPlatform(here))
  // For looking at, any platform is better than none; matchPlatform explains an index without images.
  return same ? matchPlatform(manifests, here) : (manifests[0] ?? matchPlatform(manifests, here))
}
