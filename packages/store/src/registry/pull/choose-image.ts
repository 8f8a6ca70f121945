import { CooperageError } from '../../errors.js'
import { isIndexType, noSuchPlatform, rankByPlatform } from '../../image/match-platform.js'
import type { Descriptor, Manifest, Platform } from '../../image/types.js'
import type { RawManifest } from '../client.js'

type Read = (descriptor: Descriptor) => Promise<RawManifest>

/** An image in an index that has one may be that far down. */
const MAX_NESTING = 8
/** Manifests of one reference, of all its platforms. */
const MAX_MANIFESTS = 1000

export interface ChosenImage {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

export interface ChooseOptions {
  readonly read: Read
  /**
   * What an image says that it is for, where no index says so; undefined for what is no image. Left out: an image of
   * which nothing is said will do for every platform.
   */
  readonly platformOf?: (manifest: Manifest) => Promise<Platform | undefined>
}

/** The image that a document has for a platform. @throws E_PLATFORM, E_LIMIT, E_MANIFEST for what is no image */
export async function chooseImage(
  root: RawManifest,
  platform: Platform,
  { read, platformOf }: ChooseOptions,
): Promise<ChosenImage> {
  const seen = new Set<string>()
  const named: Descriptor[] = []
  const isFor = async ({ descriptor, manifest }: ChosenImage): Promise<boolean> => {
    const own = await platformOf?.(manifest)
    if (own === undefined) return true
    const entry = { ...descriptor, platform: own }
    named.push(entry)
    return rankByPlatform([entry], platform).length > 0
  }
  /** Undefined where an index inside another has none, which one beside it may have. */
  const chosenFrom = async (
    at: RawManifest,
    { depth, isSaid }: { readonly depth: number; readonly isSaid: boolean },
  ): Promise<ChosenImage | undefined> => {
    if (at.manifest !== undefined) {
      const image = { descriptor: at.descriptor, manifest: at.manifest }
      return isSaid || (await isFor(image)) ? image : undefined
    }
    if (at.index === undefined) {
      throw new CooperageError('E_MANIFEST', `this is no image, but of type ${at.descriptor.mediaType}`, {
        data: { mediaType: at.descriptor.mediaType },
      })
    }
    if (depth >= MAX_NESTING) throw tooDeep()
    for (const entry of rankByPlatform(at.index.manifests, platform)) {
      if (seen.has(entry.digest)) continue
      seen.add(entry.digest)
      if (seen.size > MAX_MANIFESTS) throw tooMany()
      const isSaid = entry.platform !== undefined
      const chosen = await chosenFrom(await read(entry), { depth: depth + 1, isSaid })
      if (chosen !== undefined) return chosen
    }
    named.push(...at.index.manifests)
    return undefined
  }
  const chosen = await chosenFrom(root, { depth: 0, isSaid: false })
  if (chosen !== undefined) return chosen
  throw noSuchPlatform(named, platform)
}

/** Every image that hangs below a document, and what else its indexes name, read. @throws E_LIMIT */
export async function allImages(root: RawManifest, read: Read): Promise<ChosenImage[]> {
  const images: ChosenImage[] = []
  const seen = new Set<string>()
  const visit = async (at: RawManifest, depth: number): Promise<void> => {
    if (seen.has(at.descriptor.digest)) return
    seen.add(at.descriptor.digest)
    if (seen.size > MAX_MANIFESTS) throw tooMany()
    if (at.manifest !== undefined) images.push({ descriptor: at.descriptor, manifest: at.manifest })
    if (at.index === undefined) return
    if (depth >= MAX_NESTING && at.index.manifests.some(({ mediaType }) => isIndexType(mediaType)))
      throw tooDeep()
    for (const entry of at.index.manifests) await visit(await read(entry), depth + 1)
  }
  await visit(root, 0)
  return images
}

function tooMany(): CooperageError {
  return new CooperageError('E_LIMIT', `more than ${MAX_MANIFESTS} manifests in one index`)
}

function tooDeep(): CooperageError {
  return new CooperageError('E_LIMIT', `more than ${MAX_NESTING} indexes inside one another`)
}
