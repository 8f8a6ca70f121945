import type { Descriptor } from '@cooperage/store'
import type { LayerOrigin, StageLayer } from '../../execute/file-system.js'

/** Where a shared cache lies: a repository, or a directory. */
export interface CachePlace {
  /** For messages: `registry.example/app:cache`. */
  readonly name: string
  /** The bytes of its manifest, checked. @throws what the place gives, also when it has none yet */
  manifest(signal: AbortSignal): Promise<Uint8Array>
  /** Where documents and layers come from. */
  readonly origin: LayerOrigin
}

/** A place that can be written to. */
export interface WritableCachePlace extends CachePlace {
  /** Publishes a manifest of the store with all that it names; whoever reads sees the old cache, or the new one. */
  publish(cache: PublishedCache, signal: AbortSignal): Promise<void>
}

export interface PublishedCache {
  /** In the store, as its config and its records are. */
  readonly manifest: Descriptor
  /** Layers that may still be elsewhere: one is fetched if the place lacks it. */
  readonly layers: readonly StageLayer[]
}
