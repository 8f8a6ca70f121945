import type { Digest } from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import { type CacheOrigin, cacheIdentity } from './cache-identity.js'

/** Which cache a mount means on every machine: as `cacheKey`, whatever the form in which this one keeps files. */
export function sharedCacheKey(mount: RunMount, about: CacheOrigin): Digest {
  return cacheIdentity('shared cache mount', mount, about).digest()
}
