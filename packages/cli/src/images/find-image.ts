import type { Platform, RefEntry, Store } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import { closest } from '../flags/closest.js'
import { familiarName } from './familiar-name.js'
import { fullName } from './full-name.js'
import { readImage, type StoredImage } from './stored-image.js'
import { isUnnamed } from './unnamed.js'

/** What a person's word for an image led to. */
export interface FoundImage {
  readonly image: StoredImage
  /** All names of the image, the one that was asked for first. */
  readonly entries: readonly RefEntry[]
  /** True when the word was an ID or the beginning of one. */
  readonly byId: boolean
}

const HEX = /^(?:sha256:)?([0-9a-f]{4,64})$/

/**
 * Finds an image by its name, or by its ID (digest of the config), its manifest's digest, or the first four or more
 * digits of either. A name wins over a beginning. Of an index it looks at the image for `platform`.
 * @throws E_IMAGE_NOT_FOUND, E_IMAGE_AMBIGUOUS, E_REF, E_PLATFORM
 */
export async function findImage(store: Store, word: string, platform?: Platform): Promise<FoundImage> {
  const entries = await store.refs.list()
  const digits = HEX.exec(word)?.[1]
  const whole = digits?.length === 64
  // 64 digits, or digits after "sha256:", cannot be a name.
  const name = whole || word.startsWith('sha256:') ? undefined : fullName(word)
  const named = entries.find((entry) => entry.name === name)
  if (named) {
    const image = await readImage(store, named, platform)
    const others = entries.filter(
      (entry) => entry !== named && entry.value.descriptor.digest === named.value.descriptor.digest,
    )
    return { image, entries: [named, ...others], byId: false }
  }
  const found = digits === undefined ? [] : await byDigits(store, entries, digits)
  const [only] = found
  if (only !== undefined && found.length === 1) {
    const image = platform === undefined ? only.image : await readImage(store, only.entries[0]!, platform)
    return { ...only, image, byId: true }
  }
  if (found.length > 1) {
    throw new CooperageError('E_IMAGE_AMBIGUOUS', `several images begin with ${word}`, {
      hint: `they are ${found.map(({ image }) => image.id.slice(0, 23)).join(', ')}`,
    })
  }
  const near = closest(
    word,
    entries.filter(({ name }) => !isUnnamed(name)).map(({ name }) => familiarName(name)),
  )
  throw new CooperageError('E_IMAGE_NOT_FOUND', `there is no image ${JSON.stringify(word)} in the store`, {
    hint: near === undefined ? 'cooper images lists what there is' : `did you mean ${near}?`,
    data: { image: word },
  })
}

/** A damaged image must not keep the others from being found. */
async function readable(store: Store, entry: RefEntry): Promise<StoredImage | undefined> {
  try {
    return await readImage(store, entry)
  } catch (error) {
    if (isCooperageError(error)) return undefined
    throw error
  }
}

async function byDigits(
  store: Store,
  entries: readonly RefEntry[],
  digits: string,
): Promise<{ image: StoredImage; entries: RefEntry[] }[]> {
  const found = new Map<string, { image: StoredImage; entries: RefEntry[] }>()
  for (const entry of entries) {
    const image = await readable(store, entry)
    if (!image || !namesOf(image).some((digest) => digest.slice('sha256:'.length).startsWith(digits)))
      continue
    const known = found.get(image.id)
    if (known) known.entries.push(entry)
    else found.set(image.id, { image, entries: [entry] })
  }
  return [...found.values()]
}

/** Of an index of several platforms also those of its images. */
function namesOf({ id, target, entries }: StoredImage): readonly string[] {
  return [id, target.digest, ...entries.flatMap(({ manifest }) => manifest?.config.digest ?? [])]
}
