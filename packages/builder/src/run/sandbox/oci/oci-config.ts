import { ALL_CAPABILITIES, capabilityMask, DEFAULT_CAPABILITIES } from '../capabilities.js'
import type { Container, ContainerMount } from '../container.js'
import { rlimitNumber, rlimitValue } from '../rlimits.js'
import { ociSeccomp } from '../seccomp/oci-seccomp.js'
import { defaultPolicy } from '../seccomp/policy.js'
import { MASKED, READ_ONLY, thermalPaths } from '../standard-mounts.js'
import { tmpfsData } from '../unshare-plan.js'

export interface OciConfigOptions {
  /** Absolute; the runtime makes it the root. */
  readonly rootfs: string
  /** Absolute paths of what mounts show, already as read-only as they shall be. */
  readonly sources: ReadonlyMap<ContainerMount, string>
  readonly arch: string
  readonly processors: number
  /** Capabilities that can be had, as bits. */
  readonly bounding: bigint
  /** In a user namespace there are no device rules. */
  readonly inUserNamespace: boolean
  /** /sys of this machine, made read-only, where it cannot be mounted anew since the network is not ours. */
  readonly sys?: string
  readonly manyIds: boolean
  readonly interactive: boolean
}

interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

const RESTRICTED = ['nosuid', 'noexec', 'nodev']

/** config.json of the OCI runtime specification 1.0 for a container. */
export function ociConfig(container: Container, options: OciConfigOptions): string {
  const process = JSON.stringify(processOf(container, options))
  const rest = JSON.stringify(restOf(container, options))
  // By hand, as no limit is 2^64-1, which a number of JavaScript cannot be.
  return `{"process":{"rlimits":[${rlimits(container).join(',')}],${process.slice(1)},${rest.slice(1)}`
}

function rlimits({ limits }: Container): string[] {
  return limits.ulimits.map(({ name, soft, hard }) => {
    rlimitNumber(name)
    return `{"type":"RLIMIT_${name.toUpperCase()}","soft":${rlimitValue(soft)},"hard":${rlimitValue(hard)}}`
  })
}

function processOf(container: Container, options: OciConfigOptions): Record<string, unknown> {
  const { user, insecure } = container
  // A runtime fails over one that it cannot have.
  const wanted = insecure ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES
  const names = wanted.filter((name) => (capabilityMask([name]) & options.bounding) !== 0n)
  return {
    terminal: options.interactive,
    user: {
      uid: user.uid,
      gid: user.gid,
      umask: 0o22,
      ...(options.manyIds && { additionalGids: user.groups }),
    },
    args: container.args,
    env: container.env,
    cwd: container.cwd,
    capabilities: { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] },
    noNewPrivileges: false,
  }
}

function restOf(container: Container, options: OciConfigOptions): Record<string, unknown> {
  const { insecure } = container
  return {
    ociVersion: '1.0.2',
    root: { path: options.rootfs, readonly: false },
    hostname: container.hostname,
    mounts: [
      ...standardMounts(container, options),
      ...container.mounts.map((mount) => userMount(mount, options)),
    ],
    linux: {
      namespaces: namespaces(container),
      resources: resources(container, options),
      ...(insecure
        ? {}
        : {
            seccomp: ociSeccomp(defaultPolicy(options.arch), options.arch),
            maskedPaths: [...MASKED, ...thermalPaths(options.processors)],
            readonlyPaths: READ_ONLY,
          }),
    },
  }
}

function namespaces({ network }: Container): { type: string }[] {
  const types = ['pid', 'ipc', 'uts', 'mount', 'cgroup', ...(network === 'none' ? ['network'] : [])]
  return types.map((type) => ({ type }))
}

function standardMounts(container: Container, options: OciConfigOptions): OciMount[] {
  const { limits, insecure } = container
  const { inUserNamespace, manyIds } = options
  const sysMode = insecure ? 'rw' : 'ro'
  const mount = (destination: string, type: string, more: readonly string[]): OciMount => ({
    destination,
    type,
    source: type,
    options: more,
  })
  return [
    mount('/proc', 'proc', RESTRICTED),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      ...(manyIds ? ['gid=5'] : []),
    ]),
    { ...mount('/dev/shm', 'tmpfs', [...RESTRICTED, 'mode=1777', `size=${limits.shmSize}`]), source: 'shm' },
    mount('/dev/mqueue', 'mqueue', RESTRICTED),
    ...(options.sys !== undefined
      ? [{ destination: '/sys', type: 'bind', source: options.sys, options: ['rbind'] }]
      : [
          mount('/sys', 'sysfs', [...RESTRICTED, sysMode]),
          ...(inUserNamespace
            ? []
            : [mount('/sys/fs/cgroup', 'cgroup', [...RESTRICTED, 'relatime', sysMode])]),
        ]),
  ]
}

function userMount(mount: ContainerMount, { sources }: OciConfigOptions): OciMount {
  const destination = mount.target
  if (mount.kind === 'tmpfs') {
    return {
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      // Which devices can be opened the control group says.
      options: ['nosuid', ...(mount.readOnly ? ['ro'] : []), ...tmpfsData(mount).split(',')],
    }
  }
  return { destination, type: 'bind', source: sources.get(mount) ?? '', options: ['bind'] }
}

function resources(
  { insecure, limits }: Container,
  { inUserNamespace }: OciConfigOptions,
): Record<string, unknown> {
  const { memory, cpuQuota, cpuPeriod, cpuShares } = limits
  const cpu = {
    ...(cpuQuota !== undefined && { quota: cpuQuota }),
    ...(cpuPeriod !== undefined && { period: cpuPeriod }),
    ...(cpuShares !== undefined && { shares: cpuShares }),
  }
  return {
    ...(inUserNamespace ? {} : { devices: [{ allow: insecure, access: 'rwm' }] }),
    ...(memory === undefined ? {} : { memory: { limit: memory } }),
    ...(Object.keys(cpu).length === 0 ? {} : { cpu }),
  }
}
