import {
  type Descriptor,
  isCooperageError,
  type Platform,
  type Reference,
  type Store,
  withDigest,
} from '@cooperage/store'
import type { BuildEvent } from '../events.js'
import { registryEvents } from '../remote/registry-events.js'
import type { BuildRegistry } from './base-image-options.js'
import type { ImageDocuments } from './image-documents.js'
import { rememberImage } from './known-images.js'

export interface RegistryImagesOptions {
  readonly store: Store
  readonly registry: () => Promise<BuildRegistry>
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

/** An image whose documents are in the store, and whose layers may be in its registry. */
export interface DistantImage extends ImageDocuments {
  /** With the digest of what the name stands for. */
  readonly reference: Reference
}

/** The images of registries that one build asks for. What a tag stands for is asked once, for all platforms. */
export class RegistryImages {
  readonly #options: RegistryImagesOptions
  /** By the full form of their references. */
  readonly #roots = new Map<string, Promise<Descriptor>>()

  constructor(options: RegistryImagesOptions) {
    this.#options = options
  }

  /** @throws as `RegistryClient.resolve` */
  async resolve(reference: Reference, platform: Platform): Promise<DistantImage> {
    const key = reference.toString()
    const asked = this.#roots.get(key)
    if (asked === undefined) {
      const asking = this.#ask(reference, platform)
      const root = asking.then((found) => found.root)
      this.#roots.set(key, root)
      root.catch(() => this.#roots.delete(key))
      return asking
    }
    // The failure of another platform is not that of this one.
    const root = await asked.catch(() => undefined)
    return this.#ask(root === undefined ? reference : withDigest(reference, root.digest), platform)
  }

  async #ask(
    reference: Reference,
    platform: Platform,
  ): Promise<DistantImage & { readonly root: Descriptor }> {
    const { store, registry, signal, emit } = this.#options
    const { client } = await registry()
    const step = `metadata ${reference} ${JSON.stringify(platform)}`
    const name = `[internal] load metadata for ${reference}`
    emit({ type: 'step.start', step, name, inputs: [], at: Date.now() })
    try {
      const { root, descriptor, manifest, config } = await client.resolve(reference, {
        store: store.blobs,
        records: store.records,
        platform,
        signal,
        onEvent: registryEvents(step, emit),
      })
      await this.#remember(reference, root, [descriptor, manifest.config])
      emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
      return { root, descriptor, manifest, config, reference: withDigest(reference, root.digest) }
    } catch (error) {
      const outcome = signal.aborted ? 'canceled' : 'failed'
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'step.end', step, outcome, error: message, at: Date.now() })
      throw error
    }
  }

  /** What cannot be remembered costs the next build a question, and this one nothing but a word. */
  async #remember(reference: Reference, root: Descriptor, documents: readonly Descriptor[]): Promise<void> {
    const { store, emit } = this.#options
    try {
      await rememberImage(reference, { root, documents }, store)
    } catch (error) {
      if (!isCooperageError(error) || error.category !== 'store') throw error
      const message = `the base image is not remembered: ${error.message}`
      emit({ type: 'warning', rule: 'CacheNotSaved', message, at: Date.now() })
    }
  }
}
