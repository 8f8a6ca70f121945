import { type Descriptor, readImageArchive, type Store } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import { familiarName } from '../images/familiar-name.js'
import { fullName } from '../images/full-name.js'
import { readImage } from '../images/stored-image.js'
import { keepUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { openStdin } from '../open-stdin.js'
import { renderLoaded } from '../render/loaded.js'
import { withStore } from '../with-store.js'

/** An image that came in. */
export interface LoadedImage {
  /** As docker shows them; none for an image that is known by its digest only. */
  readonly names: readonly string[]
  /** As `cooper images` shows it. */
  readonly id: string
}

type Source = string | AsyncIterable<Uint8Array>

/** `cooper load` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal, signal } = invocation
  const file = flags.text('input')
  const source = file === undefined || file === '-' ? openStdin(terminal, signal) : file
  const images = await withStore(invocation, (store) => loadImages(store, source, signal))
  if (!flags.on('quiet')) await terminal.print(renderLoaded(images))
}

/** Brings all images of the source into the store and names them as it does. @throws E_ARCHIVE_…, E_REF */
export async function loadImages(store: Store, source: Source, signal: AbortSignal): Promise<LoadedImage[]> {
  const { images } = await readImageArchive(source, { store: store.blobs, signal })
  if (images.length === 0) throw new CooperageError('E_ARCHIVE_FORMAT', 'there is no image in it')
  const loaded: LoadedImage[] = []
  for (const { descriptor, names } of images) {
    // A word alone is only a tag (image-spec, annotations.md, "ref.name"): it names no repository.
    const full = names.filter((name) => /[/:]/.test(name)).map(fullName)
    for (const name of full) await store.refs.set(name, { descriptor, created: Date.now() })
    if (full.length === 0) await keepUnnamed(store, descriptor)
    loaded.push({ names: full.map(familiarName), id: await idOf(store, descriptor) })
  }
  return loaded
}

/** What cannot be read has no other ID than its digest. */
async function idOf(store: Store, descriptor: Descriptor): Promise<string> {
  try {
    return (await readImage(store, { name: descriptor.digest, value: { descriptor, created: 0 } })).id
  } catch (error) {
    if (isCooperageError(error)) return descriptor.digest
    throw error
  }
}
