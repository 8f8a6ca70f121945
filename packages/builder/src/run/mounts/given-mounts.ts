import type { RunMount } from '../../plan/plan.js'
import type { SshSource } from '../../secrets/open-ssh.js'
import { wantedSecret } from './secret-mount.js'
import { agentId } from './ssh-mount.js'

/** Tells whether a step gets a mount: without its secret or agent it does without, unless it says that it needs it. */
export type IsGiven = (mount: RunMount) => boolean

export function givenMounts(given: { readonly secrets: Iterable<string>; readonly ssh: SshSource }): IsGiven {
  const secrets = new Set(given.secrets)
  return (mount) => {
    if (mount.required) return true
    if (mount.type === 'secret') return secrets.has(wantedSecret(mount).id)
    return mount.type !== 'ssh' || given.ssh.get(agentId(mount)) !== undefined
  }
}
