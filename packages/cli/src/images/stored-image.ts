import {
  type Descriptor,
  type Digest,
  defaultPlatform,
  type ImageConfig,
  isAttestation,
  isIndexType,
  type Manifest,
  matchPlatform,
  type Platform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  type RefEntry,
  rankByPlatform,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'

/** An image of the store, as its documents describe it. */
export interface StoredImage {
  /**
   * The image ID of docker: the digest of the config; of several platforms, which have a config each, the digest of
   * the index.
   */
  readonly id: Digest
  /** What the name stands for: a manifest, or an index of several platforms. */
  readonly target: Descriptor
  /** What an index names; empty when the name stands for a manifest. */
  readonly entries: readonly IndexEntry[]
  /** The manifest that was chosen, and its descriptor. */
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** Bytes of all layers, as the manifests count them: of the platform that was asked for, else of all that are here. */
  readonly size: number
}

/** A manifest that an index names. */
export interface IndexEntry {
  readonly descriptor: Descriptor
  readonly kind: 'image' | 'attestation'
  /** Absent when the store does not have it. */
  readonly manifest?: Manifest
}

const DOCUMENT_LIMIT = 4 * 1024 * 1024
/** An index may hold an index; nothing that is meant to be run nests deeper. */
const DEEPEST = 4

/**
 * Reads the documents of what a name stands for. Of an index it is the image for the platform that is asked for; when
 * none is, that for this machine, or else the first that is there.
 * @throws E_BLOB_MISSING, E_STORE_CORRUPT, E_MANIFEST, E_CONFIG, E_PLATFORM
 */
export async function readImage(store: Store, entry: RefEntry, platform?: Platform): Promise<StoredImage> {
  const target = entry.value.descriptor
  const read = (descriptor: Descriptor): Promise<Uint8Array> =>
    store.blobs.readAll(parseDigest(descriptor.digest), DOCUMENT_LIMIT)
  const isIndex = isIndexType(target.mediaType)
  const entries = isIndex ? await entriesOf(target, { store, read }, 0) : []
  const descriptor = isIndex ? choose(entries, platform) : target
  const manifest = parseManifest(await read(descriptor))
  const config = parseConfig(await read(manifest.config))
  if (!isIndex && platform !== undefined) matchPlatform([{ ...target, platform: config }], platform)
  const images = entries.filter(({ kind }) => kind === 'image')
  const counted = platform === undefined && images.length > 1 ? manifestsOf(images) : [manifest]
  return {
    id: parseDigest(images.length > 1 ? target.digest : manifest.config.digest),
    target,
    entries,
    descriptor,
    manifest,
    config,
    size: sizeOf(counted),
  }
}

interface Reader {
  readonly store: Store
  readonly read: (descriptor: Descriptor) => Promise<Uint8Array>
}

async function entriesOf(index: Descriptor, reader: Reader, depth: number): Promise<IndexEntry[]> {
  if (depth > DEEPEST) {
    throw new CooperageError('E_LIMIT', `more than ${DEEPEST} indexes inside one another`)
  }
  const entries: IndexEntry[] = []
  for (const descriptor of parseIndex(await reader.read(index)).manifests) {
    const isHere = (await reader.store.blobs.stat(parseDigest(descriptor.digest))) !== undefined
    if (isIndexType(descriptor.mediaType) && isHere) {
      entries.push(...(await entriesOf(descriptor, reader, depth + 1)))
      continue
    }
    entries.push({
      descriptor,
      kind: isAttestation(descriptor) ? 'attestation' : 'image',
      ...(isHere && { manifest: parseManifest(await reader.read(descriptor)) }),
    })
  }
  return entries
}

/** For looking at, any platform is better than none, and one that is there better than one that is not. */
function choose(entries: readonly IndexEntry[], platform: Platform | undefined): Descriptor {
  const descriptors = entries.map(({ descriptor }) => descriptor)
  if (platform !== undefined) return matchPlatform(descriptors, platform)
  const here = defaultPlatform()
  const images = entries.filter(({ kind }) => kind === 'image').map(({ descriptor }) => descriptor)
  const ranked = [...rankByPlatform(descriptors, here), ...images]
  const isHere = (one: Descriptor) => entries.some((entry) => entry.descriptor === one && entry.manifest)
  // matchPlatform explains an index without images; one without any that is here names the blob that is missing.
  return ranked.find(isHere) ?? ranked[0] ?? matchPlatform(descriptors, here)
}

function manifestsOf(entries: readonly IndexEntry[]): Manifest[] {
  return entries.flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
}

/** A layer that several images share counts once; one that an image has twice counts twice, as docker counts. */
function sizeOf(manifests: readonly Manifest[]): number {
  const [only] = manifests
  if (manifests.length === 1 && only) return only.layers.reduce((sum, layer) => sum + layer.size, 0)
  const sizes = new Map(manifests.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer.size])))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
