import { existsSync, readFileSync } from 'node:fs'
import { listOrNone } from './list-or-none.js'

/** Facts of this machine that a container's surroundings depend on. */
export interface Machine {
  /** Highest number of a processor, and one. */
  readonly processors: number
  /** /sys/fs/cgroup is the one hierarchy of version 2. */
  readonly cgroup2: boolean
  /** Capabilities that root here can have: a container around us may have taken some away. */
  readonly bounding: bigint
  /** The kernel shows its memory, to which /dev/core leads. */
  readonly hasCore: boolean
}

export function readMachine(): Machine {
  const numbers = listOrNone('/sys/devices/system/cpu').flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? [])
  return {
    processors: Math.max(-1, ...numbers.map(Number)) + 1,
    cgroup2: existsSync('/sys/fs/cgroup/cgroup.controllers'),
    bounding: ownCapabilities('Bnd'),
    hasCore: existsSync('/proc/kcore'),
  }
}

/** A set of capabilities of this process, as bits. */
export function ownCapabilities(set: 'Bnd' | 'Eff'): bigint {
  const status = readFileSync('/proc/self/status', 'latin1')
  return BigInt(`0x${new RegExp(`^Cap${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`)
}

/** Ids of this process's user namespace: the number of ids it has. */
export function countIds(kind: 'uid' | 'gid'): number {
  return ownIds(kind).reduce((sum, { count }) => sum + count, 0)
}

/** The ids themselves, in ranges. */
export function ownIds(kind: 'uid' | 'gid'): { readonly first: number; readonly count: number }[] {
  const map = readFileSync(`/proc/self/${kind}_map`, 'latin1').trim().split('\n')
  return map.map((line) => {
    const [first, , count] = line.trim().split(/\s+/)
    return { first: Number(first ?? 0), count: Number(count ?? 0) }
  })
}
