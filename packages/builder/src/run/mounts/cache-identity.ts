import { KeyBuilder } from '../../cache/key-builder.js'
import type { RunMount } from '../../plan/plan.js'

export interface CacheOrigin {
  readonly namespace: string
  readonly origin: string | undefined
}

/**
 * The beginning of a key that says which cache a mount means. Its id, default the target, is only ever hashed. What it
 * begins with is a part as well: as in BuildKit, the same id with another owner, mode or source is another cache.
 */
export function cacheIdentity(kind: string, mount: RunMount, { namespace, origin }: CacheOrigin): KeyBuilder {
  return new KeyBuilder(kind, 1)
    .field('namespace', namespace)
    .field('id', mount.id === '' ? mount.target : mount.id)
    .field('uid', mount.uid)
    .field('gid', mount.gid)
    .field('mode', mount.mode)
    .field('source', mount.source)
    .field('origin', origin)
}
