import { CooperageError } from '../../errors.js'
import { isAttestation, isIndexType, noSuchPlatform, rankByPlatform } from '../../image/match-platform.js'
import { formatPlatform } from '../../image/platform.js'
import type { Descriptor, Manifest, Platform } from '../../image/types.js'
import type { RawManifest } from '../client.js'

type Read = (descriptor: Descriptor) => Promise<RawManifest>

/** An image in an index that has one may be that far down. */
const MAX_NESTING = 8
/** Manifests of one reference, of all its platforms. */
const MAX_MANIFESTS = 1000
/** What those may have together: each may be as large as a document can be. */
const MAX_BYTES = 64 << 20

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
  const seen = new Seen()
  /** One entry for each platform, for the error. */
  const named = new Map<string, Descriptor>()
  const name = (entry: Descriptor): void => {
    if (entry.platform && !isAttestation(entry)) named.set(formatPlatform(entry.platform), entry)
  }
  seen.add(root)
  const isFor = async ({ descriptor, manifest }: ChosenImage): Promise<boolean> => {
    const own = await platformOf?.(manifest)
    if (own === undefined) return true
    const entry = { ...descriptor, platform: own }
    name(entry)
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
      if (seen.has(entry)) continue
      const isSaid = entry.platform !== undefined
      const below = await read(entry)
      seen.add(below)
      const chosen = await chosenFrom(below, { depth: depth + 1, isSaid })
      if (chosen !== undefined) return chosen
    }
    for (const entry of at.index.manifests) name(entry)
    return undefined
  }
  const chosen = await chosenFrom(root, { depth: 0, isSaid: false })
  if (chosen !== undefined) return chosen
  throw noSuchPlatform([...named.values()], platform)
}

/** Every image that hangs below a document, and what else its indexes name, read. @throws E_LIMIT */
export async function allImages(root: RawManifest, read: Read): Promise<ChosenImage[]> {
  const images: ChosenImage[] = []
  const seen = new Seen()
  const visit = async (at: RawManifest, depth: number): Promise<void> => {
    if (seen.has(at.descriptor)) return
    seen.add(at)
    if (at.manifest !== undefined) images.push({ descriptor: at.descriptor, manifest: at.manifest })
    if (at.index === undefined) return
    if (depth >= MAX_NESTING && at.index.manifests.some(({ mediaType }) => isIndexType(mediaType)))
      throw tooDeep()
    for (const entry of at.index.manifests) await visit(await read(entry), depth + 1)
  }
  await visit(root, 0)
  return images
}

/** The documents of one reference that were read. */
class Seen {
  readonly #digests = new Set<string>()
  #bytes = 0

  has({ digest }: Descriptor): boolean {
    return this.#digests.has(digest)
  }

  /** @throws E_LIMIT */
  add({ descriptor, bytes }: RawManifest): void {
    this.#digests.add(descriptor.digest)
    this.#bytes += bytes.byteLength
    if (this.#digests.size > MAX_MANIFESTS) throw tooMuch(`${MAX_MANIFESTS} manifests in one index`)
    if (this.#bytes > MAX_BYTES) throw tooMuch(`${MAX_BYTES} bytes of manifests in one index`)
  }
}

function tooDeep(): CooperageError {
  return tooMuch(`${MAX_NESTING} indexes inside one another`)
}

function tooMuch(what: string): CooperageError {
  return new CooperageError('E_LIMIT', `more than ${what}`, { category: 'network' })
}
