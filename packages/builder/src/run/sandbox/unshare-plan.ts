import { ALL_CAPABILITIES, capabilityMask, DEFAULT_CAPABILITIES } from './capabilities.js'
import type { Container, ContainerMount } from './container.js'
import type { InitRequest, Operation } from './init/operation.js'
import { CloneFlag, MountFlag } from './kernel-flags.js'
import { rlimitOperations } from './rlimits.js'
import { stepFilter } from './seccomp/step-filter.js'
import type { KnownArch } from './seccomp/syscall-numbers.js'
import { octal, type Stage } from './stage.js'
import { DEVICE_LINKS, DEVICES, MASKED, READ_ONLY, thermalPaths } from './standard-mounts.js'

export interface UnsharePlanOptions {
  readonly stage: Stage
  readonly arch: KnownArch
  /** Of this machine, for what of each is hidden. */
  readonly processors: number
  /** False where only one id is mapped: there are no groups to have. */
  readonly manyIds: boolean
  readonly cgroup2: boolean
  /** /dev/core leads somewhere; else it is not made, as by runc. */
  readonly hasCore: boolean
  /** Directories in which the container's process is to be, one for each hierarchy. */
  readonly cgroups: readonly string[]
  readonly interactive: boolean
  /** Device nodes that the container makes may be opened, as far as it may open the device. */
  readonly hasNodes: boolean
  /** It gets nodes of its own, and not those of the machine. */
  readonly makesNodes: boolean
  /** How the first process comes by its user namespace, when it needs one. */
  readonly first: readonly Operation[]
}

const NOTHING_SPECIAL = MountFlag.NOSUID | MountFlag.NODEV | MountFlag.NOEXEC

/** What Docker's runtime does for a container, as operations of our own. */
export function planUnshare(container: Container, options: UnsharePlanOptions): InitRequest {
  const { stage, cgroups } = options
  return {
    first: [...options.first, ['unshare', CloneFlag.NEWNS | CloneFlag.NEWPID]],
    // The container's process is the first of a PID namespace of its own, in which the keeper is not seen.
    keeper: [...stage.operations, ['unshare', CloneFlag.NEWPID]],
    container: [
      ...cgroups.map((path): Operation => ['cgroup', path]),
      ['unshare', namespaces(container)],
      ...(options.interactive ? [] : ([['session']] as const)),
      ...(container.network === 'none' ? ([['loopback']] as const) : []),
      ['hostname', container.hostname],
      ['root', stage.rootfs],
      ...kernelFileSystems(container, options),
      ...container.mounts.flatMap((mount) => (isDevices(mount) ? [] : userMount(mount, options))),
      ...(container.insecure ? [] : hidden(options.processors)),
      ['working', container.cwd],
      ['pivot', stage.rootfs],
      ['enter'],
      ...becomeUser(container, options),
      ['stay'],
      ['start', container.args.length, ...container.args, ...container.env],
    ],
  }
}

function namespaces({ network }: Container): number {
  const own = CloneFlag.NEWNS | CloneFlag.NEWCGROUP | CloneFlag.NEWUTS | CloneFlag.NEWIPC
  return network === 'none' ? own | CloneFlag.NEWNET : own
}

function kernelFileSystems(container: Container, options: UnsharePlanOptions): Operation[] {
  const { limits, insecure } = container
  const readOnly = insecure ? 0 : MountFlag.RDONLY
  const own = container.mounts.find(isDevices)
  const terminals = `newinstance,ptmxmode=0666,mode=0620${options.manyIds ? ',gid=5' : ''}`
  return [
    ['attach', '/proc', 'proc', 'proc', NOTHING_SPECIAL, ''],
    ...(own === undefined ? [standardDevices(options)] : userMount(own, options)),
    ...devices(options),
    ['attach', '/dev/pts', 'devpts', 'devpts', MountFlag.NOSUID | MountFlag.NOEXEC, terminals],
    ['attach', '/dev/shm', 'shm', 'tmpfs', NOTHING_SPECIAL, `mode=1777,size=${limits.shmSize}`],
    ['attach', '/dev/mqueue', 'mqueue', 'mqueue', NOTHING_SPECIAL, ''],
    ['sys', NOTHING_SPECIAL | readOnly, options.cgroup2 ? 1 : 0],
  ]
}

/** As in a runtime, such a mount takes the place of the one that there always is, and is filled like that. */
function isDevices({ kind, target }: ContainerMount): boolean {
  return kind === 'tmpfs' && target === '/dev'
}

function standardDevices({ hasNodes }: UnsharePlanOptions): Operation {
  // The nodes of the machine are mounts of their own.
  const flags = MountFlag.NOSUID | MountFlag.STRICTATIME | (hasNodes ? 0 : MountFlag.NODEV)
  return ['attach', '/dev', 'tmpfs', 'tmpfs', flags, 'mode=755,size=65536k']
}

function devices(options: UnsharePlanOptions): Operation[] {
  return [
    ...DEVICES.map(
      ([name, ...numbers]): Operation =>
        options.makesNodes
          ? ['device', '/dev', name, ...numbers]
          : ['bind', `/dev/${name}`, `/dev/${name}`, 0],
    ),
    ...DEVICE_LINKS.filter(([name]) => name !== 'core' || options.hasCore).map(
      ([name, target]): Operation => ['link', target, '/dev', name],
    ),
  ]
}

function userMount(mount: ContainerMount, options: UnsharePlanOptions): Operation[] {
  const { stage, hasNodes } = options
  const source = stage.sources.get(mount) ?? ''
  const readOnly = 'readOnly' in mount && mount.readOnly ? MountFlag.RDONLY : 0
  switch (mount.kind) {
    case 'tmpfs':
      return [
        [
          'attach',
          mount.target,
          'tmpfs',
          'tmpfs',
          MountFlag.NOSUID | (hasNodes ? 0 : MountFlag.NODEV) | readOnly,
          tmpfsData(mount),
        ],
      ]
    case 'bind':
      return [['bind', source, mount.target, (hasNodes ? 0 : MountFlag.NODEV) | readOnly]]
    case 'overlay':
      return [['bind', source, mount.target, 0]]
    case 'lent':
      return []
    case 'file':
      return [['bind', source, mount.target, NOTHING_SPECIAL | readOnly]]
  }
}

export function tmpfsData({ size, mode }: Extract<ContainerMount, { kind: 'tmpfs' }>): string {
  return [`mode=${octal(mode ?? 0o1777)}`, ...(size === undefined ? [] : [`size=${size}`])].join(',')
}

function hidden(processors: number): Operation[] {
  return [
    ...[...MASKED, ...thermalPaths(processors)].map((path): Operation => ['mask', path]),
    ...READ_ONLY.map((path): Operation => ['freeze', path]),
  ]
}

function becomeUser(container: Container, options: UnsharePlanOptions): Operation[] {
  const { user, insecure, limits } = container
  const mask = capabilityMask(insecure ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES)
  return [
    ['keyring'],
    ...rlimitOperations(limits),
    ['output', user.uid],
    ['bound', mask],
    ...(insecure ? [] : [['filter', stepFilter(options.arch, options)] as const]),
    ...(options.manyIds ? [['groups', ...user.groups] as const] : []),
    ['gid', user.gid],
    // As runc: another user's program may be one that only root may execute. With that the kernel clears them itself.
    ['keep'],
    ['uid', user.uid],
    ['capabilities', mask],
  ]
}
