import type { RegistryClient } from '@cooperage/store/registry'
import { openInsecureClient } from '../../base/open-insecure-client.js'
import type { RegistryOpener } from '../../base/registry-opener.js'

/** Clients of caches with `registry.insecure`: each is opened when it is first needed, and layers may come late. */
export class InsecureRegistries implements AsyncDisposable {
  readonly #clients = new Map<string, Promise<RegistryClient>>()

  /** For one cache. Opening throws E_NO_REGISTRY where no client is made for such. */
  opener(registry: RegistryOpener, name: string): RegistryOpener {
    return async () => {
      const client = this.#clients.get(name) ?? openInsecureClient(registry, [name])
      this.#clients.set(name, client)
      return { client: await client }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of await Promise.allSettled(this.#clients.values())) {
      if (opened.status === 'fulfilled') await opened.value[Symbol.asyncDispose]()
    }
  }
}
