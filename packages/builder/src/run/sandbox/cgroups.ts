import { existsSync, mkdirSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CooperageError, hasErrno } from '@cooperage/store'
import type { ContainerLimits } from './container.js'
import { listOrNone } from './list-or-none.js'
import { processFields } from './process-fields.js'
import { readProc } from './read-proc.js'

/** A place in one of this machine's hierarchies where a group beside ours can be made. */
export interface Hierarchy {
  /** Empty for version 2, which has all controllers in one. */
  readonly controllers: readonly string[]
  readonly directory: string
}

/** Groups of one container, to be removed when it has ended. */
export interface Cgroups {
  readonly directories: readonly string[]
  remove(): void
}

let count = 0

/** Begins the names of all our groups, and tells those of this process from those of others. */
export function cgroupName(): string {
  return `${ownPrefix()}${count++}`
}

/** Groups with these limits of memory and CPU. @throws E_SANDBOX where this machine does not let us make them */
export function makeCgroups(name: string, limits: ContainerLimits): Cgroups {
  sweepOnce()
  const directories: string[] = []
  let writing = 'memory and CPU'
  const remove = (): void => {
    for (const directory of directories) removeGroup(directory)
  }
  const all = hierarchies()
  try {
    for (const [controller, writes] of Object.entries(wanted(limits, all.some(isUnified)))) {
      if (writes.length === 0) continue
      const place = all.find((one) => one.controllers.includes(controller)) ?? all.find(isUnified)
      if (place === undefined) throw cannotLimit(controller, 'no hierarchy of control groups has it')
      const directory = join(place.directory, name)
      if (!directories.includes(directory)) {
        mkdirSync(directory)
        directories.push(directory)
      }
      for (const [file, value] of writes) {
        writing = `${controller} to ${value} (${file})`
        writeFileSync(join(directory, file), value)
      }
    }
  } catch (error) {
    remove()
    // The last three: the kernel does not take the value.
    if (hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'EINVAL', 'ERANGE', 'EOVERFLOW')) {
      throw cannotLimit(writing, (error as Error).message)
    }
    throw error
  }
  return { directories, remove }
}

let swept = false

/** The first group of a process comes after those of builders that were killed. */
export function sweepOnce(): void {
  if (!swept) sweepCgroups()
  swept = true
}

/** Removes groups of builders that were killed, and with `name` those of a runtime that was. Never throws for their state. */
export function sweepCgroups(name?: string): void {
  for (const { directory } of hierarchies({ withoutControllers: true })) {
    for (const entry of listOrNone(directory)) {
      if (name === undefined ? isAbandoned(entry) : entry === name) removeGroup(join(directory, entry))
    }
  }
}

type Writes = readonly (readonly [file: string, value: string])[]

function wanted(limits: ContainerLimits, unified: boolean): Record<string, Writes> {
  const { memory, cpuQuota, cpuPeriod, cpuShares } = limits
  const one = (file: string, value: number | undefined): Writes =>
    value === undefined ? [] : [[file, String(value)]]
  if (!unified) {
    return {
      memory: one('memory.limit_in_bytes', memory),
      cpu: [
        ...one('cpu.cfs_period_us', cpuPeriod),
        ...one('cpu.cfs_quota_us', cpuQuota),
        ...one('cpu.shares', cpuShares),
      ],
    }
  }
  const quota =
    cpuQuota === undefined && cpuPeriod === undefined
      ? undefined
      : `${cpuQuota ?? 'max'} ${cpuPeriod ?? 100_000}`
  return {
    memory: one('memory.max', memory),
    cpu: [
      ...(quota === undefined ? [] : ([['cpu.max', quota]] as const)),
      // Shares of version 1 go from 2 to 262144, weights from 1 to 10000.
      ...one(
        'cpu.weight',
        cpuShares === undefined ? undefined : 1 + Math.floor(((cpuShares - 2) * 9999) / 262_142),
      ),
    ],
  }
}

/** From /proc/self/cgroup (`id:controllers:path`), seen through the mounts of this namespace. */
export function hierarchies({
  withoutControllers = false,
}: {
  readonly withoutControllers?: boolean
} = {}): Hierarchy[] {
  const mounts = (readProc('self/mountinfo') ?? '').split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const [, , , root = '', directory = ''] = before?.split(' ') ?? []
    const [type, , options = ''] = after?.split(' ') ?? []
    return type === 'cgroup' || type === 'cgroup2'
      ? [{ root, directory, type, options: options.split(',') }]
      : []
  })
  const own = (readProc('self/cgroup') ?? '').trim().split('\n')
  // In a hybrid machine, the controllers of limits are those of version 1.
  const hybrid = mounts.some(({ type }) => type === 'cgroup')
  return own.flatMap((line): Hierarchy[] => {
    const [, names = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const controllers = names === '' ? [] : names.split(',')
    if (hybrid && controllers.length === 0 && !withoutControllers) return []
    const mount = mounts.find(({ type, options }) =>
      names === ''
        ? type === 'cgroup2'
        : type === 'cgroup' && controllers.every((name) => options.includes(name)),
    )
    if (mount === undefined) return []
    const below =
      path === mount.root
        ? '/'
        : mount.root !== '/' && path.startsWith(`${mount.root}/`)
          ? path.slice(mount.root.length)
          : path
    const directory = join(mount.directory, below)
    // Version 2: a group with processes has no groups with controllers below it, so ours is made beside it.
    return [{ controllers, directory: names === '' && below !== '/' ? dirname(directory) : directory }]
  })
}

function isUnified({ controllers }: Hierarchy): boolean {
  return controllers.length === 0
}

/** `cooper-<PID namespace>-<process>-<its start>-<number>` */
function ownPrefix(): string {
  return `cooper-${ownNamespace()}-${process.pid}-${startOf(process.pid)}-`
}

function isAbandoned(name: string): boolean {
  const [, namespace, pid, start] = /^cooper-(\d+)-(\d+)-(\d+)-\d+$/.exec(name) ?? []
  return namespace === ownNamespace() && startOf(Number(pid)) !== start
}

function ownNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
}

function startOf(pid: number): string | undefined {
  return processFields(pid)[19]
}

/** A group is removed with what was made in it, and only when nobody lives there. */
export function removeGroup(directory: string): void {
  try {
    for (const name of listOrNone(directory)) {
      if (existsSync(join(directory, name, 'cgroup.procs'))) removeGroup(join(directory, name))
    }
    rmdirSync(directory)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'EBUSY', 'EACCES', 'EPERM', 'EROFS', 'ENOTEMPTY')) throw error
  }
}

export function cannotLimit(what: string, why: string): CooperageError {
  return new CooperageError('E_SANDBOX', `cannot limit the container's ${what}: ${why}`, {
    category: 'sandbox',
    hint: 'build without limits of memory and CPU, or where control groups can be made: as root with a writable /sys/fs/cgroup, or as a user to whom they are delegated',
    data: { what, why },
  })
}
