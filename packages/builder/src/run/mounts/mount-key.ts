import type { RunMount } from '../../plan/plan.js'
import { wantedSecret } from './secret-mount.js'

/**
 * What of a mount enters the key of its step, beside what it shows: all that the process could notice, and no
 * content of a cache, secret or agent. How a cache is called and shared makes no difference to what a step makes.
 */
export function mountKey(mount: RunMount): string {
  const { type, source, target, readOnly, required, size, mode, uid, gid, env } = mount
  const isCache = type === 'cache'
  const seen = type === 'secret' ? wantedSecret(mount) : { id: isCache ? '' : mount.id, target }
  return JSON.stringify([
    type,
    seen.id,
    seen.target ?? null,
    isCache ? source : '',
    readOnly,
    required,
    [size, mode, uid, gid, env].map((value) => value ?? null),
  ])
}
