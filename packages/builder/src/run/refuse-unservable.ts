import { located } from '../located.js'
import type { RunOperation } from '../plan/plan.js'
import { containerLimits } from './container-limits.js'
import { refuseUnmountable } from './refuse-unmountable.js'
import type { RunOptions } from './run-options.js'
import { checkRights } from './sandbox/check-container.js'
import type { Executor } from './sandbox/executor.js'

/**
 * Refuses a RUN whose mounts, network, limits or user no container can have here, as far as the Dockerfile tells: so that a
 * build which cannot end well is over before it has fetched a layer or run a step. Names of users are known to the image
 * alone, and looked up when the step is at hand.
 * @throws E_MOUNT_UNSERVED, E_SANDBOX with the line where it is one of the Dockerfile
 */
export function refuseUnservable(
  operations: readonly RunOperation[],
  executor: Executor,
  options: RunOptions,
): void {
  const isOneOwner = executor.files.owners === 'one'
  const abilities = {
    executor,
    ids: isOneOwner ? 1 : Number.POSITIVE_INFINITY,
    ownNetwork: executor.name !== 'chroot',
  }
  if (operations.length > 0) executor.checkLimits?.(containerLimits(options))
  for (const operation of operations) {
    refuseUnmountable(operation, executor)
    const network = operation.network === 'default' ? options.network : operation.network
    located(operation.location, () =>
      checkRights(
        { ids: numbersOf(operation.user), network: network === 'none' ? 'none' : 'default' },
        abilities,
      ),
    )
  }
}

/** The ids that USER names by number. */
function numbersOf(user: string): number[] {
  return user.split(':', 2).flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []))
}
