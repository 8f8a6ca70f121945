import { DEFAULT_SHM_SIZE, type RunOptions } from './run-options.js'
import type { ContainerLimits } from './sandbox/container.js'

/** The limits that every container of a build has. */
export function containerLimits({
  ulimits = [],
  shmSize = DEFAULT_SHM_SIZE,
  resources,
}: RunOptions): ContainerLimits {
  return { ulimits, shmSize, ...resources }
}
