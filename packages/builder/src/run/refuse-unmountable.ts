import { CooperageError } from '@cooperage/store'
import type { RunMount, RunOperation } from '../plan/plan.js'
import type { IsGiven } from './mounts/given-mounts.js'
import { wantedSecret } from './mounts/secret-mount.js'
import type { ContainerMount } from './sandbox/container.js'
import type { Executor } from './sandbox/executor.js'

const ELSEWHERE = 'build where containers can have mounts (see `cooper doctor`)'

/** Refuses a `--mount` that the executor cannot make. @throws E_MOUNT_UNSERVED */
export function refuseUnmountable(
  { mounts, location, text }: RunOperation,
  executor: Executor,
  isGiven: IsGiven,
): void {
  for (const mount of mounts.filter(isGiven)) {
    const hint = executor.mounts.includes('bind') ? missing(mount, executor) : unlendable(mount)
    if (hint === undefined) continue
    throw new CooperageError(
      'E_MOUNT_UNSERVED',
      `the executor ${executor.name} cannot make the mount of type ${mount.type} that a step needs: ${text}`,
      { category: 'sandbox', location, hint, data: { type: mount.type, executor: executor.name } },
    )
  }
}

/** What to do about it; undefined when nothing is missing. */
function missing(mount: RunMount, executor: Executor): string | undefined {
  return executor.mounts.includes(kindOf(mount, executor)) ? undefined : ELSEWHERE
}

/** A secret is a file like others only where it stays in memory, which nothing does that is lent. */
function unlendable(mount: RunMount): string | undefined {
  if (mount.type === 'secret' && wantedSecret(mount).target !== undefined)
    return `take the secret as a variable (--mount=type=secret,id=…,env=NAME), or ${ELSEWHERE}`
  if (mount.type === 'tmpfs' && mount.size !== undefined)
    return `leave out size=, which nothing can hold it to, or ${ELSEWHERE}`
  return undefined
}

function kindOf({ type, readOnly }: RunMount, { files }: Executor): ContainerMount['kind'] {
  if (type === 'secret') return 'file'
  if (type === 'tmpfs') return 'tmpfs'
  return type === 'bind' && !readOnly && files.overlay !== 'none' ? 'overlay' : 'bind'
}
