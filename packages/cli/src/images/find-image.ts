import type { Platform, Store } from '@cooperage/store'
import { type FoundNames, findNames } from './find-names.js'
import { readImage, type StoredImage } from './stored-image.js'

/** What a person's word for an image led to, with its documents. */
export interface FoundImage extends FoundNames {
  readonly image: StoredImage
}

/**
 * Finds an image as `findNames` does, and reads its documents. Of an index it looks at the image for `platform`.
 * @throws E_IMAGE_NOT_FOUND, E_IMAGE_AMBIGUOUS, E_REF, E_PLATFORM, and what `readImage` throws
 */
export async function findImage(store: Store, word: string, platform?: Platform): Promise<FoundImage> {
  const found = await findNames(store, word)
  return { ...found, image: await readImage(store, found.entries[0], platform) }
}
