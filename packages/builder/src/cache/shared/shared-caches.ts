import type { Digest, Store } from '@cooperage/store'
import type { BuildEvent } from '../../events.js'
import type { StepResult } from '../step-cache.js'
import type { CachePlace } from './cache-place.js'
import { ImportedCache, type SharedStep } from './imported-cache.js'
import { SharedMounts } from './shared-mounts.js'

/** A step of this build and every key that leads to its layer. */
export interface NotedStep {
  readonly keys: ReadonlySet<Digest>
  readonly step: StepResult | SharedStep
}

interface Wires {
  readonly store: Store
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

interface SharedSource {
  readonly place: CachePlace
  /** Cache mounts are read from it too. */
  readonly mounts: boolean
}

/** The caches that a build shares with others: where it looks after its own store, and what it has for them. */
export class SharedCaches {
  readonly #imported: ImportedCache[]
  readonly #wires: Wires
  readonly mounts: SharedMounts
  readonly #noted = new Map<Digest, { keys: Set<Digest>; step: StepResult | SharedStep }>()

  constructor(sources: readonly SharedSource[], wires: Wires) {
    const caches = sources.map(({ place, mounts }) => ({ cache: new ImportedCache(place, wires), mounts }))
    this.#imported = caches.map(({ cache }) => cache)
    const withMounts = caches.filter(({ mounts }) => mounts).map(({ cache }) => cache)
    this.mounts = new SharedMounts(withMounts, wires)
    this.#wires = wires
  }

  /** The first cache that knows the key wins. One that fails is left alone from then on, with one warning. */
  async find(key: Digest): Promise<SharedStep | undefined> {
    for (const cache of [...this.#imported]) {
      try {
        const found = await cache.find(key)
        if (found !== undefined) return found
      } catch (error) {
        this.#wires.signal.throwIfAborted()
        this.#forget(cache, error)
      }
    }
    return undefined
  }

  /** Remembers for the export that these keys lead to this layer. */
  note(keys: readonly Digest[], step: StepResult | SharedStep): void {
    const known = this.#noted.get(step.diffId)
    if (known === undefined) this.#noted.set(step.diffId, { keys: new Set(keys), step })
    else for (const key of keys) known.keys.add(key)
  }

  /** What this build found and made. */
  steps(): readonly NotedStep[] {
    return [...this.#noted.values()]
  }

  #forget(cache: ImportedCache, error: unknown): void {
    const index = this.#imported.indexOf(cache)
    if (index === -1) return
    this.#imported.splice(index, 1)
    const why = error instanceof Error ? error.message : String(error)
    this.#wires.emit({
      type: 'warning',
      rule: 'CacheNotImported',
      message: `the cache ${cache.name} is not used: ${why}`,
      at: Date.now(),
    })
  }
}
