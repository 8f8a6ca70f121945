import type { MountDraft } from './mount-keys.js'

const OWNED = new Set(['secret', 'ssh', 'cache'])

/** What is wrong with the fields taken together, or undefined. */
export function checkMount(mount: MountDraft): string | undefined {
  const { type } = mount
  if (!OWNED.has(type)) {
    for (const key of ['mode', 'uid', 'gid'] as const) {
      if (mount[key] !== undefined) return `${key} not allowed for "${type}" type mounts`
    }
  }
  if (type === 'secret') {
    if (mount.from !== undefined) return 'secret mount should not have a from'
    if (mount.sharing !== undefined) return 'secret mount should not define sharing'
    if (mount.source === '' && mount.target === '' && mount.id === '') {
      return 'invalid secret mount. one of source, target required'
    }
    if (mount.source !== '' && mount.id !== '') return "both source and id can't be set"
  }
  if (mount.sharing !== undefined && type !== 'cache') return `invalid cache sharing set for ${type} mount`
  if (type === 'ssh' && mount.source !== '') return 'ssh does not support source'
  return undefined
}
