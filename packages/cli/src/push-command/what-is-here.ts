import {
  type Descriptor,
  isAttestation,
  isForeignLayer,
  isIndexType,
  isManifestType,
  parseDigest,
  parseIndex,
  parseManifest,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'

/** What is pushed of what a name stands for. */
export interface Chosen {
  readonly root: Descriptor
  /** For the person who asked, when it is not the whole. */
  readonly note?: string
}

const DOCUMENT_LIMIT = 4 << 20
const DEEPEST = 8

/**
 * An index whose images are all here. Of one that was pulled for one platform that image goes alone, as with Docker: a
 * registry takes no index without its images. @throws E_IMAGE_INCOMPLETE, E_LIMIT
 */
export async function whatIsHere(store: Store, root: Descriptor): Promise<Chosen> {
  if (!isIndexType(root.mediaType)) return { root }
  // An image that several indexes name, or one names twice, is one.
  const leaves = new Map((await leavesOf(store, root)).map((leaf) => [leaf.descriptor.digest, leaf]))
  const all = [...leaves.values()]
  if (all.every(({ isHere }) => isHere)) return { root }
  const images = all.filter(({ descriptor }) => !isAttestation(descriptor))
  const here = images.filter(({ isHere }) => isHere)
  const [only] = here
  if (only !== undefined && here.length === 1) {
    const { descriptor } = only
    return {
      root: descriptor,
      note: `of the ${images.length} images of the index only this one is here, and goes alone: ${descriptor.digest}`,
    }
  }
  throw new CooperageError(
    'E_IMAGE_INCOMPLETE',
    `the store has ${here.length} of the ${images.length} images of the index ${root.digest}`,
    { hint: 'pull it with --all-platforms, or push one image with --platform' },
  )
}

/** What an index names in the end: no index, or one that is not here. */
interface Leaf {
  readonly descriptor: Descriptor
  readonly isHere: boolean
}

async function leavesOf(store: Store, index: Descriptor, depth = 0): Promise<Leaf[]> {
  if (depth > DEEPEST) throw new CooperageError('E_LIMIT', `more than ${DEEPEST} indexes inside one another`)
  const leaves: Leaf[] = []
  for (const descriptor of parseIndex(await read(store, index)).manifests) {
    const isHere = await has(store, descriptor)
    if (isHere && isIndexType(descriptor.mediaType)) {
      leaves.push(...(await leavesOf(store, descriptor, depth + 1)))
    } else {
      leaves.push({ descriptor, isHere: isHere && (await isWhole(store, descriptor)) })
    }
  }
  return leaves
}

/** A build on an image reads its documents, and its layers only when it needs them. */
async function isWhole(store: Store, descriptor: Descriptor): Promise<boolean> {
  if (!isManifestType(descriptor.mediaType)) return true
  const { config, layers } = parseManifest(await read(store, descriptor))
  for (const one of [config, ...layers]) {
    // What may not be distributed is named, and not sent.
    if (!isForeignLayer(one.mediaType) && !(await has(store, one))) return false
  }
  return true
}

function read(store: Store, { digest }: Descriptor): Promise<Uint8Array> {
  return store.blobs.readAll(parseDigest(digest), DOCUMENT_LIMIT)
}

async function has(store: Store, { digest }: Descriptor): Promise<boolean> {
  return (await store.blobs.stat(parseDigest(digest))) !== undefined
}
