import { CooperageError, type Platform, type Store } from '@cooperage/store'
import type { RegistryOpener } from '../../base/registry-opener.js'
import type { CacheSource, PlacedTarget } from './cache-option.js'
import type { WritableCachePlace } from './cache-place.js'
import type { InsecureRegistries } from './insecure-registries.js'
import { layoutCachePlace } from './layout-cache-place.js'
import { registryCachePlace } from './registry-cache-place.js'

interface PlaceWires {
  readonly store: Store
  readonly registry: RegistryOpener | undefined
  readonly platform: Platform
  readonly insecure: InsecureRegistries
}

/** The place of a cache that is to be read or written. @throws E_NO_REGISTRY, E_REF */
export function cachePlace(cache: CacheSource | PlacedTarget, wires: PlaceWires): WritableCachePlace {
  const { store, registry, platform } = wires
  if (cache.kind === 'local') {
    const reference = ('digest' in cache ? cache.digest : undefined) ?? cache.tag ?? 'latest'
    return layoutCachePlace({ path: cache.path, reference }, store)
  }
  if (registry !== undefined) {
    const opener = cache.insecure === true ? wires.insecure.opener(registry, cache.reference) : registry
    return registryCachePlace(cache.reference, { registry: opener, store, platform })
  }
  throw new CooperageError(
    'E_NO_REGISTRY',
    `the cache ${cache.reference} is in a registry, and this build speaks to none`,
    { hint: 'give the build a client with the option registry' },
  )
}
