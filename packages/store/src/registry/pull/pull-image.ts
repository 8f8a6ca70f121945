import type { Descriptor, Platform } from '../../image/types.js'
import { MediaType } from '../../image/types.js'
import type { PulledImage, RawManifest } from '../client.js'
import { inParallel } from '../in-parallel.js'
import type { Reference } from '../reference.js'
import { Slots } from '../slots.js'
import { allImages, type ChosenImage, chooseImage } from './choose-image.js'
import { Documents } from './documents.js'
import type { FetchBlobOptions, FetchOutcome } from './fetch-blob.js'

export interface PullImageOptions extends FetchBlobOptions {
  readonly platforms: readonly Platform[] | 'all'
  readonly parallel: number
  /** Fetches one blob, or waits for whoever fetches it. */
  readonly obtain: (descriptor: Descriptor, options: FetchBlobOptions) => Promise<FetchOutcome>
}

type Pulled = PulledImage['images'][number]

/** Brings the images of a reference for some platforms whole into the store. */
export async function pullImage(
  reference: Reference,
  options: PullImageOptions,
): Promise<Omit<PulledImage, 'reference'>> {
  const { call, parallel, obtain } = options
  const documents = new Documents(options)
  const root = await documents.root(reference)
  const images: Pulled[] = []
  for (const image of await choose(root, options.platforms, documents)) {
    const isImage = [MediaType.ociConfig, MediaType.dockerConfig].some(
      (type) => type === image.manifest.config.mediaType,
    )
    images.push({ ...image, ...(isImage && { config: await documents.config(image.manifest) }) })
  }
  const counts = { existed: 0, fetched: 0 }
  // While the disk makes sure of some blobs, others are on their way.
  const lanes = { limit: 2 * parallel, signal: call.signal }
  const transfers = new Slots(parallel)
  await inParallel(blobsOf(images), lanes, async (descriptor, signal) => {
    const outcome = await obtain(descriptor, { ...options, transfers, call: call.withSignal(signal) })
    counts[outcome === 'exists' ? 'existed' : 'fetched']++
  })
  return { root: root.descriptor, images, blobs: counts }
}

async function choose(
  root: RawManifest,
  platforms: readonly Platform[] | 'all',
  documents: Documents,
): Promise<ChosenImage[]> {
  const read = (descriptor: Descriptor) => documents.manifest(descriptor)
  if (platforms === 'all') return allImages(root, read)
  const chosen = new Map<string, ChosenImage>()
  for (const platform of platforms) {
    const image = await chooseImage(root, platform, read)
    chosen.set(image.descriptor.digest, image)
  }
  return [...chosen.values()]
}

/** Each blob once; what an image has of configs is there already, and counts as such. */
function blobsOf(images: readonly Pulled[]): Iterable<Descriptor> {
  const blobs = new Map<string, Descriptor>()
  for (const { manifest, config } of images) {
    const parts = config === undefined ? [manifest.config, ...manifest.layers] : manifest.layers
    for (const part of parts) blobs.set(part.digest, part)
  }
  return blobs.values()
}
