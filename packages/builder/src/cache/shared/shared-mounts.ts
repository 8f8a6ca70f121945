import type { Digest } from '@cooperage/store'
import type { BuildEvent } from '../../events.js'
import type { RunMount } from '../../plan/plan.js'
import type { ImportedCache, SharedMount } from './imported-cache.js'

/** A cache mount of a step of this build. */
export interface NotedMount {
  readonly mount: RunMount
  /** The name of what it begins with, where the mount says so. Asking may read files. */
  readonly origin: () => Promise<string | undefined>
}

interface Wires {
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

/** What shared caches hold of cache mounts: looked at when a step needs a mount that the store does not have. */
export class SharedMounts {
  readonly #caches: ImportedCache[]
  readonly #wires: Wires
  readonly #noted: NotedMount[] = []

  /** `caches`: those of which the mounts were asked for. */
  constructor(caches: readonly ImportedCache[], wires: Wires) {
    this.#caches = [...caches]
    this.#wires = wires
  }

  /** True when a cache may have one. */
  get isRead(): boolean {
    return this.#caches.length > 0
  }

  /** The first cache that has it wins. One that fails is left alone from then on, with one warning. */
  async find(key: Digest): Promise<SharedMount | undefined> {
    for (const cache of [...this.#caches]) {
      try {
        const found = await cache.mount(key)
        if (found !== undefined) return found
      } catch (error) {
        this.#wires.signal.throwIfAborted()
        this.#forget(cache, error)
      }
    }
    return undefined
  }

  /** Remembers for the export that a step of this build has this mount, whether it runs or not. */
  note(mount: NotedMount): void {
    this.#noted.push(mount)
  }

  noted(): readonly NotedMount[] {
    return this.#noted
  }

  #forget(cache: ImportedCache, error: unknown): void {
    const index = this.#caches.indexOf(cache)
    if (index === -1) return
    this.#caches.splice(index, 1)
    const why = error instanceof Error ? error.message : String(error)
    this.#wires.emit({
      type: 'warning',
      rule: 'CacheMountNotImported',
      message: `the cache mounts of ${cache.name} are not used: ${why}`,
      at: Date.now(),
    })
  }
}
