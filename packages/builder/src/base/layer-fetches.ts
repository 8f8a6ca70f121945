import {
  CooperageError,
  type Descriptor,
  type Digest,
  inParallel,
  parseDigest,
  type Reference,
} from '@cooperage/store'
import type { StageLayer } from '../execute/file-system.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { registryEvents } from '../remote/registry-events.js'
import type { BuildRegistry } from './base-image-options.js'

type DistantLayer = Required<Pick<StageLayer, 'descriptor' | 'diffId'>>

/** What may still be in a registry. */
export interface DistantLayers {
  /** With the digest that was resolved. */
  readonly reference: Reference
  readonly layers: readonly DistantLayer[]
  /** Absent: nobody may be asked, or can be. */
  readonly registry?: BuildRegistry
  /** Id of the step under which the progress is told. */
  readonly step: string
}

/** Layers that are under way at once. */
const AT_ONCE = 4

/**
 * Brings the layers of an image into the store when one of them is wanted: then all of them, side by side, since
 * whoever needs one needs those below it too.
 */
export class LayerFetches {
  readonly #image: DistantLayers
  readonly #environment: StepEnvironment
  #blobs: Promise<void> | undefined

  constructor(image: DistantLayers, environment: StepEnvironment) {
    this.#image = image
    this.#environment = environment
  }

  /** All blobs of the image as the registry has them. */
  blobs(): Promise<void> {
    this.#blobs ??= this.#bring('blob')
    return this.#blobs
  }

  /** The same; those that come now are decompressed meanwhile. */
  contents(): Promise<void> {
    this.#blobs ??= this.#bring('content')
    return this.#blobs
  }

  async #bring(wanted: 'blob' | 'content'): Promise<void> {
    const { reference, layers, registry, step } = this.#image
    const { store, signal, emit } = this.#environment
    const lacking = await missing(layers, store)
    if (lacking.length === 0) return
    if (registry === undefined) throw incomplete(reference, lacking[0]!.descriptor)
    emit({ type: 'step.start', step, name: `FROM ${reference}`, inputs: [], at: Date.now() })
    try {
      const fetch = { store: store.blobs, records: store.records, onEvent: registryEvents(step, emit) }
      await inParallel(lacking, { limit: AT_ONCE, signal }, async (layer, ending) => {
        const { descriptor, diffId } = layer
        const content = wanted === 'content' && { diffId }
        await registry.client.fetchBlob(reference, descriptor, { ...fetch, ...content, signal: ending })
      })
      emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
    } catch (error) {
      const outcome = signal.aborted ? 'canceled' : 'failed'
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'step.end', step, outcome, error: message, at: Date.now() })
      throw error
    }
  }
}

async function missing(
  layers: readonly DistantLayer[],
  store: StepEnvironment['store'],
): Promise<DistantLayer[]> {
  const lacking = new Map<Digest, DistantLayer>()
  for (const layer of layers) {
    const digest = parseDigest(layer.descriptor.digest)
    if ((await store.blobs.stat(digest)) === undefined) lacking.set(digest, layer)
  }
  return [...lacking.values()]
}

function incomplete(reference: Reference, layer: Descriptor): CooperageError {
  return new CooperageError(
    'E_IMAGE_INCOMPLETE',
    `the store has no layer ${layer.digest} of ${reference.familiar}, and no registry may be asked`,
    {
      hint: 'build without --pull=never, or bring the image into the store with cooper pull',
      data: { reference: reference.toString(), digest: layer.digest },
    },
  )
}
