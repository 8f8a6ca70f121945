import {
  type Descriptor,
  defaultPlatform,
  type NamedImage,
  openOciLayout,
  type Platform,
  readDockerArchive,
  readOciArchive,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { findNames } from '../images/find-names.js'
import { fullName } from '../images/full-name.js'
import { imageFor } from '../images/image-for.js'
import type { FilePlace, Place } from './place.js'

export interface TakeOptions {
  readonly store: Store
  /** Undefined: all platforms there are. `default`: this machine's, and an image without an index whatever it is for. */
  readonly platform: Platform | 'default' | undefined
  readonly signal: AbortSignal
}

/**
 * Brings an image from a place of this machine into the store.
 * @throws E_IMAGE_NOT_FOUND, E_ARCHIVE_…, E_PLATFORM
 */
export async function takeImage(
  place: Exclude<Place, { kind: 'docker' }>,
  options: TakeOptions,
): Promise<Descriptor> {
  const { store } = options
  if (place.kind === 'store') {
    return ofPlatform((await findNames(store, place.name)).entries[0].value.descriptor, options)
  }
  return ofPlatform(await importFrom(place, options), options)
}

async function importFrom(place: FilePlace, { store, signal }: TakeOptions): Promise<Descriptor> {
  const { path, reference } = place
  const into = { store: store.blobs, signal }
  if (place.kind === 'oci') {
    const layout = await openOciLayout(path)
    const image = layout.resolve(reference)
    await layout.import(into, image)
    return image.descriptor
  }
  const read = place.kind === 'oci-archive' ? readOciArchive : readDockerArchive
  const { images } = await read(path, into)
  return choose(place, images).descriptor
}

function choose({ path, kind, reference }: FilePlace, images: readonly NamedImage[]): NamedImage {
  const [only] = images
  if (reference === undefined && only !== undefined && images.length === 1) return only
  const wanted = reference === undefined || kind === 'oci-archive' ? reference : fullName(reference)
  const found = images.find(({ names, descriptor }) =>
    [...names, descriptor.digest].some(
      (name) =>
        wanted !== undefined && (name === wanted || (kind === 'oci-archive' && name.endsWith(`:${wanted}`))),
    ),
  )
  if (found !== undefined) return found
  const there = images.flatMap(({ names, descriptor }) => (names.length > 0 ? names : [descriptor.digest]))
  const problem =
    reference === undefined ? `has ${images.length} images` : `has no image ${JSON.stringify(reference)}`
  throw new CooperageError('E_ARCHIVE_REF', `${path} ${problem}; there is ${there.join(', ') || 'nothing'}`, {
    hint: `write ${kind}:${path}:REF`,
    data: { available: there },
  })
}

function ofPlatform(root: Descriptor, { store, platform }: TakeOptions): Descriptor | Promise<Descriptor> {
  if (platform === undefined) return root
  if (platform === 'default') return imageFor(store, root, { wanted: defaultPlatform(), isAsked: false })
  return imageFor(store, root, { wanted: platform, isAsked: true })
}
