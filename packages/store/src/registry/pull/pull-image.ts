import { defaultPlatform } from '../../image/platform.js'
import type { Descriptor, Manifest, Platform } from '../../image/types.js'
import { BlobList } from '../blob-list.js'
import type { PulledImage, RawManifest } from '../client.js'
import { hostOf } from '../credentials/server-names.js'
import { inParallel } from '../in-parallel.js'
import { isImage } from '../is-image.js'
import type { Reference } from '../reference.js'
import { saidBy } from '../said-by.js'
import { Slots } from '../slots.js'
import { allImages, type ChosenImage, chooseImage } from './choose-image.js'
import { configPlatform } from './config-platform.js'
import { type Documents, withDocuments } from './documents.js'
import type { BlobFetching, FetchOutcome } from './fetch-blob.js'

export interface PullImageOptions extends BlobFetching {
  /** Undefined: this machine's, and an image that stands alone as it is. */
  readonly platforms: readonly Platform[] | 'all' | undefined
  readonly parallel: number
  /** Fetches one blob, or waits for whoever fetches it. */
  readonly obtain: (descriptor: Descriptor, options: BlobFetching) => Promise<FetchOutcome>
}

type Pulled = PulledImage['images'][number]

/** Brings the images of a reference for some platforms whole into the store. */
export function pullImage(
  reference: Reference,
  options: PullImageOptions,
): Promise<Omit<PulledImage, 'reference'>> {
  options.store.prepare?.()
  const stop = new AbortController()
  const { signal: outer } = options.call
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal])
  const stoppable = { ...options, call: options.call.withSignal(signal) }
  return withDocuments(stoppable, (documents) => pullWith(documents, reference, { ...stoppable, stop }))
}

async function pullWith(
  documents: Documents,
  reference: Reference,
  options: PullImageOptions & { readonly stop: AbortController },
): Promise<Omit<PulledImage, 'reference'>> {
  const { call, parallel, obtain, stop } = options
  const root = await documents.root(reference)
  const chosen = await choose(root, options.platforms, documents)
  const { repository } = options.servers
  const blobs = saidBy(
    { host: hostOf(repository), asked: `image ${repository}@${root.descriptor.digest}` },
    () => blobsOf(chosen),
  )
  const orStop = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      stop.abort(error)
      throw error
    })
  const images: Pulled[] = []
  const { signal } = call
  // Nothing waits for configs, but one that is wrong stops the rest.
  const reading = inParallel(chosen.entries(), { limit: parallel, signal }, async ([index, image]) => {
    images[index] = await orStop(withConfig(image, documents))
  })
  const counts = { existed: 0, fetched: 0 }
  const transfers = new Slots(parallel)
  // While the disk makes sure of some blobs, others are on their way.
  const lanes = { limit: 2 * parallel, signal }
  const fetching = inParallel(blobs, lanes, async (descriptor, signal) => {
    const part = (onReceived: () => void) =>
      obtain(descriptor, { ...options, onReceived, call: call.withSignal(signal) })
    const outcome = await orStop(transfers.within(signal, part))
    counts[outcome === 'exists' ? 'existed' : 'fetched']++
  })
  // Whatever fails, nothing goes on in the store afterwards.
  await Promise.allSettled([reading, fetching])
  if (stop.signal.aborted) throw stop.signal.reason
  await Promise.all([reading, fetching])
  return { root: root.descriptor, images, blobs: counts }
}

async function choose(
  root: RawManifest,
  platforms: PullImageOptions['platforms'],
  documents: Documents,
): Promise<ChosenImage[]> {
  const read = (descriptor: Descriptor) => documents.manifest(descriptor)
  if (platforms === 'all') return allImages(root, read)
  if (platforms === undefined) return [await chooseImage(root, defaultPlatform(), { read })]
  const platformOf = async (manifest: Manifest) =>
    isImage(manifest) ? configPlatform(await documents.config(manifest)) : undefined
  const chosen = new Map<string, ChosenImage>()
  for (const platform of platforms) {
    const image = await chooseImage(root, platform, { read, platformOf })
    chosen.set(image.descriptor.digest, image)
  }
  return [...chosen.values()]
}

async function withConfig(image: ChosenImage, documents: Documents): Promise<Pulled> {
  return isImage(image.manifest) ? { ...image, config: await documents.config(image.manifest) } : image
}

/** Each blob once, but for the configs of images, which are read as documents. */
function blobsOf(images: readonly ChosenImage[]): Descriptor[] {
  const blobs = new BlobList()
  for (const { manifest } of images) {
    const { config, layers } = manifest
    for (const part of isImage(manifest) ? layers : [config, ...layers]) blobs.add(part)
  }
  return blobs.all()
}
