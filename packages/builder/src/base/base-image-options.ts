import type { RegistryClient } from '@cooperage/store/registry'

/** Where images come from that the store does not have, and where results are pushed to. */
export interface BuildRegistry {
  readonly client: RegistryClient
  /** Names without a registry, and the repository that each stands for in full; other such names are of docker.io. */
  readonly aliases?: ReadonlyMap<string, string>
  /**
   * Makes a client for which any certificate, and http, will do on these hosts: for outputs with `registry.insecure`,
   * which are refused without it, and for caches with it, which fail. The build disposes it.
   */
  readonly insecureClient?: (hosts: readonly string[]) => Promise<RegistryClient>
}

/**
 * When a registry is asked for a base image. `always`: what a tag stands for is asked in each build, and must be known.
 * `newer`: it is asked, and what the store has will do when there is no answer. `missing`: only for what the store
 * lacks. `never`: not at all. Images that were named on this machine, and digests that the store has, are not asked
 * for but with `always`.
 */
export type PullPolicy = 'always' | 'newer' | 'missing' | 'never'
