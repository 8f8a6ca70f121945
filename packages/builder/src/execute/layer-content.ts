import type { Store } from '@cooperage/store'
import { type Content, storeContent } from '@cooperage/store/registry'
import type { StageLayer } from './file-system.js'
import { obtainBlob } from './obtain-layer.js'

/** The blobs of a store for a push; a layer that is elsewhere is brought into the store when the registry wants it. */
export function layerContent(layers: readonly StageLayer[], store: Store): Content {
  const content = storeContent(store.blobs)
  return {
    async *read(descriptor, options = {}) {
      const layer = layers.find((one) => one.descriptor?.digest === descriptor.digest)
      const signal = options.signal ?? new AbortController().signal
      if (layer !== undefined) await obtainBlob(layer, { store, signal })
      yield* content.read(descriptor, options)
    },
  }
}
