import { decompressLayer, parseDigest, type Store } from '@cooperage/store'
import type { StageLayer } from './file-system.js'

interface ObtainOptions {
  readonly store: Store
  readonly signal: AbortSignal
}

/** Makes sure that the store has the blob that an output passes on: of `descriptor`, or the layer itself. Idempotent. */
export async function obtainBlob(layer: StageLayer, { store, signal }: ObtainOptions): Promise<void> {
  const { descriptor, origin } = layer
  if (descriptor === undefined || origin === undefined) return
  if ((await store.blobs.stat(parseDigest(descriptor.digest))) === undefined) {
    await origin.fetch(descriptor, signal)
  }
}

/**
 * Makes sure that the store has the layer uncompressed. Idempotent.
 * @throws E_DIFFID when the blob does not decompress to it, and what its origin gives
 */
export async function obtainContent(layer: StageLayer, options: ObtainOptions): Promise<void> {
  const { store, signal } = options
  const { descriptor, diffId } = layer
  if (descriptor === undefined) return
  if ((await store.blobs.stat(diffId)) === undefined) await obtainBlob(layer, options)
  await decompressLayer(descriptor, diffId, { store: store.blobs, records: store.records, signal })
}
