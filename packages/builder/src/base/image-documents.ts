import {
  CooperageError,
  type Descriptor,
  type ImageConfig,
  isIndexType,
  type Manifest,
  matchPlatform,
  type Platform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  type Store,
} from '@cooperage/store'

/** An image for one platform, as its documents describe it. */
export interface ImageDocuments {
  /** Of the manifest. */
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
}

const JSON_LIMIT = 4 << 20
const MAX_NESTING = 8

interface DocumentSource {
  readonly store: Store
  /** Brings a document into the store that may be elsewhere. */
  readonly obtain?: (descriptor: Descriptor) => Promise<void>
}

/**
 * The image for a platform of what a name stands for, read from the store.
 * @throws E_BLOB_MISSING, E_PLATFORM, and what a malformed document gives
 */
export async function readImageDocuments(
  root: Descriptor,
  platform: Platform,
  { store, obtain }: DocumentSource,
): Promise<ImageDocuments> {
  const read = async (wanted: Descriptor) => {
    await obtain?.(wanted)
    return store.blobs.readAll(parseDigest(wanted.digest), JSON_LIMIT)
  }
  let descriptor = root
  for (let depth = 0; isIndexType(descriptor.mediaType); depth++) {
    if (depth > MAX_NESTING)
      throw new CooperageError('E_LIMIT', `more than ${MAX_NESTING} indexes within each other`)
    descriptor = matchPlatform(parseIndex(await read(descriptor)).manifests, platform)
  }
  const manifest = parseManifest(await read(descriptor))
  return { descriptor, manifest, config: parseConfig(await read(manifest.config)) }
}
