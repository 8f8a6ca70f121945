import type { ExecutorName } from '../executor.js'
import { runs32Bit } from '../seccomp/compile-filter.js'
import { isKnownArch } from '../seccomp/syscall-numbers.js'
import type { ExecutorVerdict } from './probe-executor.js'

/**
 * The order in which executors are preferred. Those that keep a step in by every wall that Docker has come first, of
 * these the quickest: our own, when it lacks nothing that a runtime has. Then those that lack something, and at last
 * those in which all files belong to one user.
 */
export const BEST_RANK: Readonly<Record<ExecutorName, number>> = {
  'unshare-root': 0,
  'oci-root': 1,
  'oci-userns': 2,
  'unshare-userns': 4,
  chroot: 9,
}
const ONE_OWNER = 5
const LACKS_SOMETHING = 3

/** The smaller, the better; infinite when it does not work. */
export function rank({ name, found }: ExecutorVerdict): number {
  if (found === undefined) return Number.POSITIVE_INFINITY
  if (found.ids === 'one') return ONE_OWNER + BEST_RANK[name] / 10
  if (name !== 'unshare-root') return BEST_RANK[name]
  const lacksNothing =
    found.guardsDevices === true &&
    found.overlay !== 'fuse' &&
    isKnownArch(process.arch) &&
    runs32Bit(process.arch)
  return lacksNothing ? BEST_RANK[name] : LACKS_SOMETHING
}
