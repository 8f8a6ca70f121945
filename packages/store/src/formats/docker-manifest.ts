import type { BlobStore } from '../blobs/blob-store.js'
import { parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { encodeManifest } from '../image/encode-manifest.js'
import { JsonCursor } from '../image/json-cursor.js'
import { isManifestType } from '../image/match-platform.js'
import { parseConfig } from '../image/parse-config.js'
import { JSON_LIMIT, parseJson } from '../image/parse-json.js'
import { parseManifest } from '../image/parse-manifest.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { archiveError } from './archive-error.js'
import { copyIntoStore } from './copy-into-store.js'
import { decompressed } from './decompress.js'
import type { ImportOptions } from './import-images.js'
import type { NamedImage } from './named-image.js'
import { SNIFF_LENGTH, sniffCompression } from './sniff-compression.js'
import { memberName, type SpooledArchive } from './spool-archive.js'

const LAYER_TYPES: Readonly<Record<string, string>> = {
  none: MediaType.ociLayer,
  gzip: MediaType.ociLayerGzip,
  zstd: MediaType.ociLayerZstd,
}

interface DockerEntry {
  readonly config: string
  readonly tags: readonly string[]
  readonly layers: readonly string[]
}

/** `manifest.json` of a docker archive. @throws E_ARCHIVE_MANIFEST with the JSON path, E_ARCHIVE_TAG */
function parseDockerManifest(bytes: Uint8Array): DockerEntry[] {
  const code = 'E_ARCHIVE_MANIFEST'
  const root = new JsonCursor(parseJson(bytes, { what: 'manifest.json', code }), 'manifest.json', code)
  const owners = new Map<string, string>()
  const entries = root.list().map((entry) => {
    const tags = entry.member('RepoTags')
    const config = entry.member('Config').string()
    const names = tags.present ? tags.strings() : []
    for (const name of names) {
      const owner = owners.get(name) ?? config
      if (owner !== config) {
        throw archiveError('E_ARCHIVE_TAG', `two images of the archive are called ${JSON.stringify(name)}`, {
          name,
        })
      }
      owners.set(name, config)
    }
    return { config, tags: names, layers: entry.member('Layers').strings() }
  })
  if (entries.length === 0) throw root.fail('names no image')
  return entries
}

/** The images of `manifest.json`, each with a manifest made for it, which is put into the store. @internal */
export async function readDockerEntries(
  archive: SpooledArchive,
  options: ImportOptions,
): Promise<NamedImage[]> {
  const images = new Map<string, { descriptor: Descriptor; names: string[] }>()
  for (const entry of parseDockerManifest(documentOf(archive))) {
    const descriptor = await makeManifest(entry, archive, options.store)
    const image = images.get(descriptor.digest) ?? { descriptor, names: [] }
    images.set(descriptor.digest, image)
    image.names.push(...entry.tags.filter((tag) => !image.names.includes(tag)))
  }
  return [...images.values()]
}

/** Looks up the RepoTags of an image whose manifest is known, by its config. @internal */
export function dockerTags(
  archive: SpooledArchive,
): (image: NamedImage, options: ImportOptions) => Promise<readonly string[] | undefined> {
  const entries = parseDockerManifest(documentOf(archive))
  return async ({ descriptor }, { store }) => {
    if (!isManifestType(descriptor.mediaType)) return undefined
    const manifest = parseManifest(await store.readAll(parseDigest(descriptor.digest), JSON_LIMIT))
    const hex = manifest.config.digest.slice(manifest.config.digest.indexOf(':') + 1)
    const tags = entries.filter((entry) => entry.config.includes(hex)).flatMap((entry) => entry.tags)
    return tags.length > 0 ? [...new Set(tags)] : undefined
  }
}

function documentOf(archive: SpooledArchive): Uint8Array {
  const bytes = archive.document('manifest.json')
  if (bytes) return bytes
  throw archiveError('E_ARCHIVE_MANIFEST', 'manifest.json is not a document')
}

async function makeManifest(
  entry: DockerEntry,
  archive: SpooledArchive,
  store: BlobStore,
): Promise<Descriptor> {
  const config = await configOf(entry.config, archive, store)
  const diffIds = parseConfig(await store.readAll(parseDigest(config.digest), JSON_LIMIT)).rootfs.diff_ids
  if (diffIds.length !== entry.layers.length) {
    throw new CooperageError(
      'E_DIFFID',
      `the config names ${diffIds.length} layers, manifest.json ${entry.layers.length}`,
      { data: { expected: diffIds.length, found: entry.layers.length } },
    )
  }
  const layers: Descriptor[] = []
  for (const name of entry.layers) layers.push(await layerOf(name, archive, store))
  const mediaType = MediaType.ociManifest
  const manifest = await store.put(encodeManifest({ schemaVersion: 2, mediaType, config, layers }))
  return { mediaType, ...manifest }
}

async function configOf(name: string, archive: SpooledArchive, store: BlobStore): Promise<Descriptor> {
  const member = archive.find(memberName(name)) ?? missing(name)
  return { mediaType: MediaType.ociConfig, ...(member.bytes ? await store.put(member.bytes) : member.blob) }
}

async function layerOf(name: string, archive: SpooledArchive, store: BlobStore): Promise<Descriptor> {
  const { blob } = archive.find(memberName(name)) ?? missing(name)
  if (!blob) throw archiveError('E_ARCHIVE_MANIFEST', `${JSON.stringify(name)} is not a layer`, { name })
  await using range = await store.openRange(blob.digest)
  const compression = sniffCompression(await range.read(0, Math.min(SNIFF_LENGTH, range.size)))
  const mediaType = LAYER_TYPES[compression]
  if (mediaType !== undefined) return { mediaType, ...blob }
  // Docker takes any compression here; no media type names these, so the layer is kept as it is without.
  const content = decompressed(store.read(blob.digest, { size: blob.size }), { what: `layer ${name}` })
  return { mediaType: MediaType.ociLayer, ...(await copyIntoStore(store, content)) }
}

function missing(name: string): never {
  throw archiveError('E_ARCHIVE_MISSING', `manifest.json names ${JSON.stringify(name)}, which is not there`, {
    name,
  })
}
