import type { Digest } from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import { formOf } from '../projection/file-form.js'
import type { FileAccess } from '../sandbox/file-access.js'
import { type CacheOrigin, cacheIdentity } from './cache-identity.js'

/** Which cache a mount means on this machine, where each form of files has its own. */
export function cacheKey(mount: RunMount, about: CacheOrigin & { readonly files: FileAccess }): Digest {
  const { overlay: _, ...form } = formOf(about.files)
  return cacheIdentity('cache mount', mount, about).field('form', JSON.stringify(form)).digest()
}
