import { parseDigest } from '../digest.js'
import { goJson } from '../image/go-json.js'
import { isManifestType, rankByPlatform } from '../image/match-platform.js'
import { defaultPlatform } from '../image/platform.js'
import type { Descriptor, Platform } from '../image/types.js'
import { ArchiveWriter } from './archive-writer.js'
import { type ImageNode, readImageGraph } from './image-graph.js'
import { layoutIndex, type NamedImage, nameDescriptors } from './named-image.js'
import {
  blobName,
  LAYOUT_MODE,
  OCI_LAYOUT,
  sortedBlobs,
  toDestination,
  type WriteArchiveOptions,
} from './write-archive.js'

export interface DockerArchiveOptions extends WriteArchiveOptions {
  /** For an index: the platform that a Docker without the containerd store gets. Default: this machine's. */
  readonly platform?: Platform
}

/**
 * Writes what `docker load`, `podman load`, `ctr images import` and skopeo all take: an OCI layout that has Docker's
 * `manifest.json` too. The three documents come first, so that a reader of a stream knows what follows; regular files
 * only, each blob once. Layers are written as they are in the store: whether they are compressed is decided by whoever
 * made the manifest.
 *
 * RepoTags are full names (`docker.io/library/app:1`), not `app:1` as BuildKit writes: Docker shows both alike, but
 * podman would load the short one as `localhost/app:1`.
 *
 * @throws E_BLOB_MISSING, E_REF, E_OUTPUT_DIRECTORY, E_NO_SPACE. No partial file is left.
 */
export async function writeDockerArchive(
  images: readonly NamedImage[],
  options: DockerArchiveOptions,
): Promise<void> {
  const index = layoutIndex(nameDescriptors(images, options.created))
  const blobs = await sortedBlobs(images, options)
  const manifest = await dockerManifest(images, options)
  await toDestination(options.destination, async (sink) => {
    await using archive = new ArchiveWriter(sink)
    await archive.file('oci-layout', Buffer.from(OCI_LAYOUT), LAYOUT_MODE)
    await archive.file('index.json', index)
    await archive.file('manifest.json', manifest)
    for (const [digest, size] of blobs) await archive.blob(blobName(digest), digest, { ...options, size })
    await archive.finish()
  })
}

interface DockerEntry {
  readonly Config: string
  readonly RepoTags: string[]
  readonly Layers: string[]
}

/** The bytes of `manifest.json` for these images. @throws E_BLOB_MISSING */
export async function dockerManifest(
  images: readonly NamedImage[],
  options: Pick<DockerArchiveOptions, 'store' | 'platform' | 'signal'>,
): Promise<Uint8Array> {
  return Buffer.from(goJson(await dockerEntries(images, options)))
}

/** One entry an image: `docker load` would take the same image twice, once for each entry. */
async function dockerEntries(
  images: readonly NamedImage[],
  options: Pick<DockerArchiveOptions, 'store' | 'platform' | 'signal'>,
): Promise<DockerEntry[]> {
  const entries = new Map<string, DockerEntry>()
  for (const { descriptor, names } of images) {
    const graph = await readImageGraph(descriptor, options)
    const { manifest } = chooseImage(graph.images, descriptor, options.platform ?? defaultPlatform())
    const entry = entries.get(manifest.config.digest) ?? {
      Config: blobName(parseDigest(manifest.config.digest)),
      RepoTags: [],
      Layers: manifest.layers.map((layer) => blobName(parseDigest(layer.digest))),
    }
    entries.set(manifest.config.digest, entry)
    for (const name of names) if (!entry.RepoTags.includes(name)) entry.RepoTags.push(name)
  }
  return [...entries.values()]
}

function chooseImage(images: readonly ImageNode[], root: Descriptor, platform: Platform): ImageNode {
  const only = images[0]
  if (only && isManifestType(root.mediaType)) return only
  const [best] = rankByPlatform(
    images.map((image) => image.descriptor),
    platform,
  )
  const chosen = images.find((image) => image.descriptor === best) ?? only
  if (chosen === undefined) throw new TypeError(`no image in ${root.digest}`)
  return chosen
}
