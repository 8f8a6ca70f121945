import type { ContainerMount } from '../sandbox/container.js'
import type { PlacedTargets } from './place-targets.js'
import type { PreparedMount } from './prepared-mount.js'

/** Of two at one place the later one counts. */
export function placeMounts(
  mounts: readonly PreparedMount[],
  { targets, modes }: PlacedTargets,
): ContainerMount[] {
  return mounts.flatMap((mount, index) =>
    targets.lastIndexOf(targets[index]!) === index ? [mount.at(targets[index]!, modes[index])] : [],
  )
}
