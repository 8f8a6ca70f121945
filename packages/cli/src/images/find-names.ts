import type { RefEntry, Store } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import { closest } from '../flags/closest.js'
import { familiarName } from './familiar-name.js'
import { fullName } from './full-name.js'
import { readImage } from './stored-image.js'
import { isUnnamed } from './unnamed.js'

/** The names that a person's word for an image led to. */
export interface FoundNames {
  /** All names of the image, the one that was asked for first; never empty. */
  readonly entries: readonly [RefEntry, ...RefEntry[]]
  /** True when the word was an ID or the beginning of one. */
  readonly byId: boolean
}

const HEX = /^(?:sha256:)?([0-9a-f]{4,64})$/

/**
 * Finds the names of an image by one of them, or by its ID (digest of the config), its manifest's digest, or the first
 * four or more digits of either. A name wins over a beginning. For a name no document is read: what has one can be
 * given another, sent on, and removed, whether or not it is an image, or whole.
 * @throws E_IMAGE_NOT_FOUND, E_IMAGE_AMBIGUOUS, E_REF
 */
export async function findNames(store: Store, word: string): Promise<FoundNames> {
  const entries = await store.refs.list()
  const digits = HEX.exec(word)?.[1]
  const whole = digits?.length === 64
  // 64 digits, or digits after "sha256:", cannot be a name.
  const name = whole || word.startsWith('sha256:') ? undefined : fullName(word)
  const named = entries.find((entry) => entry.name === name)
  if (named) {
    const others = entries.filter(
      (entry) => entry !== named && entry.value.descriptor.digest === named.value.descriptor.digest,
    )
    return { entries: [named, ...others], byId: false }
  }
  const found = digits === undefined ? [] : await byDigits(store, entries, digits)
  const [only] = found
  if (only !== undefined && found.length === 1) return { entries: only.entries, byId: true }
  if (found.length > 1) {
    throw new CooperageError('E_IMAGE_AMBIGUOUS', `several images begin with ${word}`, {
      hint: `they are ${found.map(({ id }) => id.slice(0, 23)).join(', ')}`,
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

interface OfOneId {
  readonly id: string
  readonly entries: [RefEntry, ...RefEntry[]]
}

async function byDigits(store: Store, entries: readonly RefEntry[], digits: string): Promise<OfOneId[]> {
  const found = new Map<string, OfOneId>()
  for (const entry of entries) {
    const [id, ...others] = await idsOf(store, entry)
    if (![id, ...others].some((digest) => digest.slice('sha256:'.length).startsWith(digits))) continue
    const known = found.get(id)
    if (known) known.entries.push(entry)
    else found.set(id, { id, entries: [entry] })
  }
  return [...found.values()]
}

/**
 * The ID, and what else an image is known by: of an index of several platforms also the IDs of its images. Of what is
 * no image, or damaged, only the digest, and it keeps no other from being found.
 */
async function idsOf(store: Store, entry: RefEntry): Promise<readonly [string, ...string[]]> {
  try {
    const { id, target, entries } = await readImage(store, entry)
    return [id, target.digest, ...entries.flatMap(({ manifest }) => manifest?.config.digest ?? [])]
  } catch (error) {
    if (isCooperageError(error)) return [entry.value.descriptor.digest]
    throw error
  }
}
