import {
  type Descriptor,
  defaultPlatform,
  isIndexType,
  isManifestType,
  MediaType,
  matchPlatform,
  type NamedImage,
  openOciLayout,
  type Platform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  readDockerArchive,
  readOciArchive,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { findNames } from '../images/find-names.js'
import { fullName } from '../images/full-name.js'
import type { FilePlace, Place } from './place.js'

export interface TakeOptions {
  readonly store: Store
  /** Undefined: all platforms there are. `default`: this machine's, and an image without an index whatever it is for. */
  readonly platform: Platform | 'default' | undefined
  readonly signal: AbortSignal
}

const DOCUMENT_LIMIT = 4 << 20
const DEEPEST = 8

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
    return imageFor((await findNames(store, place.name)).entries[0].value.descriptor, options)
  }
  return imageFor(await importFrom(place, options), options)
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

/** Of an index the manifest for the platform, when one is asked for. @throws E_PLATFORM */
async function imageFor(root: Descriptor, options: TakeOptions): Promise<Descriptor> {
  const { store, platform } = options
  if (platform === undefined) return root
  const read = ({ digest }: Descriptor) => store.blobs.readAll(parseDigest(digest), DOCUMENT_LIMIT)
  const wanted = platform === 'default' ? defaultPlatform() : platform
  let descriptor = root
  for (let depth = 0; depth < DEEPEST && isIndexType(descriptor.mediaType); depth++) {
    descriptor = matchPlatform(parseIndex(await read(descriptor)).manifests, wanted)
  }
  if (platform !== 'default' && descriptor.platform === undefined && isManifestType(descriptor.mediaType)) {
    const { config } = parseManifest(await read(descriptor))
    if (config.mediaType === MediaType.ociConfig || config.mediaType === MediaType.dockerConfig) {
      matchPlatform([{ ...descriptor, platform: parseConfig(await read(config)) }], wanted)
    }
  }
  return descriptor
}
