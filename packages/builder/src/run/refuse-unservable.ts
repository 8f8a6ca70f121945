import { located } from '../located.js'
import type { RunOperation } from '../plan/plan.js'
import { containerLimits } from './container-limits.js'
import { isInsecure } from './effective-network.js'
import { refuseUnmountable } from './refuse-unmountable.js'
import type { RunSupport } from './run-support.js'
import { checkOwners, checkRights } from './sandbox/check-container.js'
import type { Executor } from './sandbox/executor.js'
import { ALL_IDS } from './sandbox/id-maps.js'

/**
 * Refuses a RUN whose mounts, network, limits or user no container can have here, as far as the Dockerfile tells: so that a
 * build which cannot end well is over before it has fetched a layer or run a step. Names of users are known to the image
 * alone, and looked up when the step is at hand.
 * @throws E_MOUNT_UNSERVED, E_SANDBOX with the line where it is one of the Dockerfile
 */
export function refuseUnservable(
  operations: readonly RunOperation[],
  executor: Executor,
  { options, isGiven }: Pick<RunSupport, 'options' | 'isGiven'>,
): void {
  const { owners, ids: own = owners === 'one' ? 1 : ALL_IDS } = executor.files
  // A number that is none of an id is refused as that.
  const ids = own < ALL_IDS ? own : Number.POSITIVE_INFINITY
  const abilities = {
    executor,
    ids,
    ownNetwork: executor.name !== 'chroot',
  }
  if (operations.length > 0) executor.checkLimits?.(containerLimits(options))
  for (const operation of operations) {
    refuseUnmountable(operation, executor, isGiven)
    const network = operation.network === 'default' ? options.network : operation.network
    located(operation.location, () => {
      checkRights(
        {
          ids: numbersOf(operation.user),
          network: network === 'none' ? 'none' : 'default',
          insecure: isInsecure(operation, options),
        },
        abilities,
      )
      // Where there is one id, it owns whatever a mount would give to others.
      if (ids > 1) checkOwners(operation.mounts.filter(isGiven), abilities)
    })
  }
}

/** The ids that USER names by number. */
function numbersOf(user: string): number[] {
  return user.split(':', 2).flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []))
}
