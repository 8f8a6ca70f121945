import type { BlobStore } from '../blobs/blob-store.js'
import type { Descriptor } from '../image/types.js'
import { archiveError } from './archive-error.js'
import { checkLayers } from './check-layer.js'
import { inStore, readImageGraph } from './image-graph.js'
import type { NamedImage } from './named-image.js'

export interface ImportOptions {
  readonly store: BlobStore
  readonly signal?: AbortSignal
}

export interface ImportedImages {
  /** In the order of the archive. Names are as written there: full ones, or only a tag. */
  readonly images: readonly NamedImage[]
  /** Platforms of an index, and foreign layers, that the archive does not have. */
  readonly missing: readonly Descriptor[]
}

/** Brings images whole into the store and checks them. @internal */
export async function importImages(
  images: readonly NamedImage[],
  options: ImportOptions & { readonly obtain?: (descriptor: Descriptor) => Promise<boolean> },
): Promise<ImportedImages> {
  const missing: Descriptor[] = []
  for (const { descriptor } of images) {
    const graph = await readImageGraph(descriptor, {
      ...options,
      obtain: options.obtain ?? ((wanted) => inStore(options.store, wanted)),
      absent: (lost) =>
        archiveError('E_ARCHIVE_MISSING', `${lost.digest} is named but is not there`, {
          digest: lost.digest,
        }),
    })
    missing.push(...graph.missing)
    for (const image of graph.images) await checkLayers(options.store, image, options.signal)
  }
  return { images, missing }
}
