import { accessSync, constants } from 'node:fs'
import { hasErrno, isCooperageError } from '@cooperage/store'
import { cannotLimit, cgroupName, hierarchies, makeCgroups } from './cgroups.js'
import type { ContainerLimits } from './container.js'

interface How {
  /** A runtime makes the groups, and has ways of its own to controllers that are not at hand. */
  readonly byRuntime: boolean
}

/** Refuses limits of memory and CPU for which no groups can be made here. @throws E_SANDBOX */
export function tryCgroups(limits: ContainerLimits, { byRuntime }: How): void {
  const { memory, cpuQuota, cpuPeriod, cpuShares } = limits
  if ([memory, cpuQuota, cpuPeriod, cpuShares].every((limit) => limit === undefined)) return
  if (!byRuntime) {
    makeCgroups(cgroupName(), limits).remove()
    return
  }
  const needed = hierarchies().filter(
    ({ controllers }) =>
      controllers.length === 0 || ['memory', 'cpu'].some((name) => controllers.includes(name)),
  )
  if (needed.length === 0) throw cannotLimit('memory and CPU', 'no control groups are there')
  for (const { directory } of needed) {
    try {
      accessSync(directory, constants.W_OK)
    } catch (error) {
      if (!hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) throw error
      throw cannotLimit('memory and CPU', (error as Error).message)
    }
  }
}

/** What containers lack when no such group can be made, as a sentence. */
export function limitsLack(how: How): string[] {
  try {
    tryCgroups({ ulimits: [], shmSize: 0, memory: 1 << 30, cpuShares: 1024 }, how)
    return []
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return ['limits of memory and CPU, for which no control groups can be made here']
  }
}
