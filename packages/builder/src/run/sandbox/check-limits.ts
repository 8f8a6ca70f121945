import { CooperageError } from '@cooperage/store'
import { checkUlimits } from './check-ulimits.js'
import type { ContainerLimits } from './container.js'
import { ALL_IDS, idsOf } from './id-maps.js'
import { ownCapabilities } from './machine.js'
import { tryCgroups } from './try-cgroups.js'

const CAP_SYS_RESOURCE = 1n << 24n

/** What the kernel takes: `tg_set_cfs_bandwidth` and `sched_group_set_shares`, and runc for shares. */
const RANGES = {
  cpuQuota: ['cpu-quota', 1000, 2 ** 44 - 1],
  cpuPeriod: ['cpu-period', 1000, 1_000_000],
  cpuShares: ['cpu-shares', 2, 262_144],
} as const

/**
 * Refuses limits that no container can have here, before there is one. `ownUsers`: in a user namespace, where nobody
 * raises a limit; `byRuntime`: a runtime makes the groups. @throws E_SANDBOX
 */
export function checkLimits(
  limits: ContainerLimits,
  { ownUsers, byRuntime }: { readonly ownUsers: boolean; readonly byRuntime: boolean },
): void {
  for (const [key, [name, least, most]] of Object.entries(RANGES)) {
    const value = limits[key as keyof typeof RANGES]
    if (value === undefined || (value >= least && value <= most)) continue
    throw new CooperageError('E_SANDBOX', `the limit ${name} cannot be ${value}`, {
      category: 'sandbox',
      hint: `give --${name} a value from ${least} to ${most}`,
      data: { name, value },
    })
  }
  // Rights in a namespace of users are none over limits.
  const mayRaise =
    !ownUsers && idsOf(undefined) >= ALL_IDS && (ownCapabilities('Eff') & CAP_SYS_RESOURCE) !== 0n
  checkUlimits(limits.ulimits, { mayRaise })
  tryCgroups(limits, { byRuntime })
}
