import {
  type Descriptor,
  isIndexType,
  isManifestType,
  MediaType,
  matchPlatform,
  type Platform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  type Store,
} from '@cooperage/store'

const DOCUMENT_LIMIT = 4 << 20
const DEEPEST = 8

/**
 * The manifest that an index has for a platform. What no index says a platform of is held against its config when
 * somebody asked for the platform; what is no image has none. @throws E_PLATFORM
 */
export async function imageFor(
  store: Store,
  root: Descriptor,
  { wanted, isAsked }: { readonly wanted: Platform; readonly isAsked: boolean },
): Promise<Descriptor> {
  const read = ({ digest }: Descriptor) => store.blobs.readAll(parseDigest(digest), DOCUMENT_LIMIT)
  let descriptor = root
  for (let depth = 0; depth < DEEPEST && isIndexType(descriptor.mediaType); depth++) {
    descriptor = matchPlatform(parseIndex(await read(descriptor)).manifests, wanted)
  }
  if (isAsked && descriptor.platform === undefined && isManifestType(descriptor.mediaType)) {
    const { config } = parseManifest(await read(descriptor))
    if (config.mediaType === MediaType.ociConfig || config.mediaType === MediaType.dockerConfig) {
      matchPlatform([{ ...descriptor, platform: parseConfig(await read(config)) }], wanted)
    }
  }
  return descriptor
}
