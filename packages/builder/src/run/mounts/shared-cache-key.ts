import type { Digest } from '@cooperage/store'
import { KeyBuilder } from '../../cache/key-builder.js'
import type { RunMount } from '../../plan/plan.js'

/** Which cache a mount means on every machine: as `cacheKey`, whatever the form in which this one keeps files. */
export function sharedCacheKey(
  mount: RunMount,
  about: { readonly namespace: string; readonly origin: string | undefined },
): Digest {
  return new KeyBuilder('shared cache mount', 1)
    .field('namespace', about.namespace)
    .field('id', mount.id === '' ? mount.target : mount.id)
    .field('uid', mount.uid)
    .field('gid', mount.gid)
    .field('mode', mount.mode)
    .field('source', mount.source)
    .field('origin', about.origin)
    .digest()
}
