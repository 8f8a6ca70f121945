import { CooperageError, decompressLayer, parseDigest, type Store } from '@cooperage/store'
import type { StageLayer } from './file-system.js'

interface ObtainOptions {
  readonly store: Store
  readonly signal: AbortSignal
}

/**
 * Makes sure that the store has the blob that an output passes on: of `descriptor`, or the layer itself. Idempotent.
 * @throws what its origin gives; E_CACHE_LAYER for a step's layer that a shared cache does not give
 */
export async function obtainBlob(layer: StageLayer, options: ObtainOptions): Promise<void> {
  const { descriptor, origin } = layer
  if (descriptor === undefined || origin === undefined) return
  if ((await options.store.blobs.stat(parseDigest(descriptor.digest))) !== undefined) return
  await fromCache(layer, options, () => origin.fetchBlob(descriptor, options.signal))
}

/**
 * Makes sure that the store has the layer uncompressed. Idempotent.
 * @throws as `obtainBlob`, and E_DIFFID when the blob does not decompress to it
 */
export async function obtainContent(layer: StageLayer, options: ObtainOptions): Promise<void> {
  const { store, signal } = options
  const { descriptor, diffId, origin } = layer
  if (descriptor === undefined) return
  if ((await store.blobs.stat(diffId)) === undefined) {
    if (origin?.fetchContent !== undefined) {
      await fromCache(layer, options, () => origin.fetchContent!({ descriptor, diffId }, signal))
    } else await obtainBlob(layer, options)
  }
  await fromCache(layer, options, () =>
    decompressLayer(descriptor, diffId, { store: store.blobs, records: store.records, signal }),
  )
}

/** A cache that fails is a miss: whoever catches this can run the step. */
async function fromCache(
  layer: StageLayer,
  { signal }: ObtainOptions,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (layer.isOwn !== true || layer.origin === undefined || signal.aborted) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new CooperageError(
      'E_CACHE_LAYER',
      `a shared cache does not give the layer ${layer.diffId}: ${why}`,
      {
        category: 'network',
        cause: error,
        data: { diffId: layer.diffId },
      },
    )
  }
}
