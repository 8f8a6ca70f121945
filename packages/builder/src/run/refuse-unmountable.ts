import { CooperageError } from '@cooperage/store'
import type { RunMount, RunOperation } from '../plan/plan.js'
import type { ContainerMount } from './sandbox/container.js'
import type { Executor } from './sandbox/executor.js'

/** Refuses a `--mount` that the executor cannot make. @throws E_MOUNT_UNSERVED */
export function refuseUnmountable({ mounts, location, text }: RunOperation, executor: Executor): void {
  for (const mount of mounts) {
    // A secret is a file like others only where it stays in memory: where mounts can be made.
    if (executor.mounts.includes('bind') && executor.mounts.includes(kindOf(mount, executor))) continue
    throw new CooperageError(
      'E_MOUNT_UNSERVED',
      `${executor.description} cannot make the mount of type ${mount.type} that a step needs: ${text}`,
      {
        category: 'sandbox',
        location,
        hint: 'copy what the step needs in an earlier one, or build where containers can have mounts',
        data: { type: mount.type, executor: executor.name },
      },
    )
  }
}

function kindOf({ type, readOnly }: RunMount, { files }: Executor): ContainerMount['kind'] {
  if (type === 'secret') return 'file'
  if (type === 'tmpfs') return 'tmpfs'
  return type === 'bind' && !readOnly && files.overlay !== 'none' ? 'overlay' : 'bind'
}
