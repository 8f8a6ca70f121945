import { openOciLayout, parseDigest, type Store, writeOciLayout } from '@cooperage/store'
import { obtainBlob } from '../../execute/obtain-layer.js'
import type { WritableCachePlace } from './cache-place.js'

interface LayoutPlace {
  readonly path: string
  /** A tag or a digest. */
  readonly reference: string
}

const DOCUMENT_LIMIT = 4 << 20

/** A cache in the directory of an OCI layout. Written beside what is there; its tag is renamed into place last. */
export function layoutCachePlace({ path, reference }: LayoutPlace, store: Store): WritableCachePlace {
  const layout = () => openOciLayout(path)
  return {
    name: `${path}:${reference}`,
    async manifest(signal) {
      const opened = await layout()
      const { descriptor } = opened.resolve(reference)
      await opened.fetchBlob(descriptor, { store: store.blobs, signal })
      return store.blobs.readAll(parseDigest(descriptor.digest), DOCUMENT_LIMIT)
    },
    origin: {
      fetchBlob: async (descriptor, signal) =>
        (await layout()).fetchBlob(descriptor, { store: store.blobs, signal }),
    },
    async publish({ manifest, layers }, signal) {
      for (const layer of layers) await obtainBlob(layer, { store, signal })
      const images = [{ descriptor: manifest, names: [`localhost/cache:${reference}`] }]
      await writeOciLayout(images, { directory: path, store: store.blobs, signal })
    },
  }
}
