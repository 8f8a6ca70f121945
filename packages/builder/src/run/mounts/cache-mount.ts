import type { Digest } from '@cooperage/store'
import { KeyBuilder } from '../../cache/key-builder.js'
import type { RunMount } from '../../plan/plan.js'
import { formOf } from '../projection/file-form.js'
import type { FileAccess } from '../sandbox/file-access.js'

/**
 * Which cache a mount means. Its id, default the target, is only ever hashed. What it begins with is a part as well:
 * as in BuildKit, the same id with another owner, mode or source is another cache.
 */
export function cacheKey(
  mount: RunMount,
  about: { readonly namespace: string; readonly origin: string | undefined; readonly files: FileAccess },
): Digest {
  const { overlay: _, ...form } = formOf(about.files)
  return new KeyBuilder('cache mount', 1)
    .field('namespace', about.namespace)
    .field('id', mount.id === '' ? mount.target : mount.id)
    .field('uid', mount.uid)
    .field('gid', mount.gid)
    .field('mode', mount.mode)
    .field('source', mount.source)
    .field('origin', about.origin)
    .field('form', JSON.stringify(form))
    .digest()
}
