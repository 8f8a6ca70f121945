import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerMount } from '../sandbox/container.js'
import { runTool } from '../tool.js'

export interface LentMountsOptions {
  /** A directory of this run alone, on the file system of the container's files. */
  readonly scratch: string
  readonly signal: AbortSignal
}

const OPEN_TO_ALL = 0o1777
/**
 * What others mount in every container. What a step makes in /dev is so no part of its layer: with the links into /proc
 * that are missing here, `> /dev/stderr` makes a file.
 */
const STANDARD: readonly ContainerMount[] = [
  { kind: 'tmpfs', target: '/dev', mode: 0o755 },
  { kind: 'tmpfs', target: '/dev/shm' },
]

/**
 * The mounts of a step for an executor that can make none: what may be written to is lent as it is, of what may not a
 * copy, and an empty directory for a file system in memory. Each is in its place while the container runs, and what
 * the image has there is aside meanwhile. @throws E_TOOL
 */
export async function lentMounts(
  mounts: readonly ContainerMount[],
  { scratch, signal }: LentMountsOptions,
): Promise<ContainerMount[]> {
  const standard = STANDARD.filter(({ target }) => mounts.every((mount) => mount.target !== target))
  // A step's own /dev is above /dev/shm too.
  const isDevices = ({ target }: ContainerMount): number => Number(target === '/dev')
  const all = [...standard, ...mounts].sort((a, b) => isDevices(b) - isDevices(a))
  const lent: ContainerMount[] = []
  for (const [index, mount] of all.entries()) {
    const { kind, target } = mount
    const place = join(scratch, `lent.${index}`)
    if (kind === 'tmpfs') {
      await mkdir(place)
      await chmod(place, mount.mode ?? OPEN_TO_ALL)
      lent.push({ kind: 'lent', source: place, target })
    } else if (kind === 'bind' && mount.readOnly) {
      await runTool(['cp', '-a', '--reflink=auto', '--', mount.source, place], { enter: [], signal })
      lent.push({ kind: 'lent', source: place, target })
    } else if (kind === 'bind') lent.push({ kind: 'lent', source: mount.source, target })
    else lent.push(mount)
  }
  return lent
}
