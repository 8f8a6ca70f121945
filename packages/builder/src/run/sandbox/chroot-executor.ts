import { ALL_CAPABILITIES, capabilityMask, DEFAULT_CAPABILITIES } from './capabilities.js'
import { cgroupName, makeCgroups } from './cgroups.js'
import { checkContainer } from './check-container.js'
import { checkLimits } from './check-limits.js'
import type { Container, ContainerExit, ContainerLimits } from './container.js'
import { exitOf, MemoryWatch } from './container-exit.js'
import type { Executor, RunContainerOptions } from './executor.js'
import type { ExecutorSetting } from './executor-setting.js'
import type { FileAccess } from './file-access.js'
import { idsOf } from './id-maps.js'
import type { InitRequest, Operation } from './init/operation.js'
import { launch } from './launch.js'
import { rlimitOperations } from './rlimits.js'
import { stepFilter } from './seccomp/step-filter.js'
import { octal } from './stage.js'
import { DEVICES } from './standard-mounts.js'
import { limitsLack } from './try-cgroups.js'

const LACKS: readonly string[] = [
  'NOTHING IS ISOLATED: a step sees and may end the processes of this machine or container, uses its network, and one that means harm can leave its root',
  'secrets as files, RUN --network=none and a host name of its own; other mounts are directories that are put in place, so that a readonly one can be written to',
  '/proc, /sys and /dev/pts',
  'a filter of system calls of its own, unless root may add one here',
]

/** Containers that are a changed root and nothing more: for where no namespace can be had, such as in Docker. */
export class ChrootExecutor implements Executor {
  readonly name = 'chroot'
  readonly description = 'a changed root, no isolation'
  readonly files: FileAccess
  readonly mounts: Executor['mounts'] = ['file', 'lent']
  readonly #setting: ExecutorSetting

  constructor(setting: ExecutorSetting) {
    this.#setting = setting
    const ids = idsOf(undefined)
    const owners = ids > 1 ? 'all' : 'one'
    const { arch, tools } = setting
    const place = { perl: tools.perl, arch, first: [] }
    this.files = { enter: [], place, overlay: 'none', owners, ids, devices: setting.devices }
  }

  get lacks(): readonly string[] {
    return [...LACKS, ...limitsLack({ byRuntime: false })]
  }

  checkLimits(limits: ContainerLimits): void {
    checkLimits(limits, { ownUsers: false, byRuntime: false })
  }

  async run(container: Container, options: RunContainerOptions): Promise<ContainerExit> {
    const ids = idsOf(undefined)
    checkContainer(container, { executor: this, ids, ownNetwork: false })
    const cgroups = makeCgroups(cgroupName(), container.limits)
    const memory = new MemoryWatch()
    try {
      const request = this.#plan(container, {
        cgroups: cgroups.directories,
        scratch: options.scratch,
        interactive: options.interactive === true,
      })
      const { status } = await launch({ ...options, perl: this.#setting.tools.perl, request, depth: 0 })
      const exit = exitOf(status)
      return { ...exit, outOfMemory: memory.isToBlame(exit, container) }
    } finally {
      cgroups.remove()
    }
  }

  #plan(
    container: Container,
    { cgroups, scratch, interactive }: { cgroups: readonly string[]; scratch: string; interactive: boolean },
  ): InitRequest {
    const { rootfs, user, insecure, limits, mounts } = container
    if (rootfs.kind !== 'directory') throw new TypeError('no directory')
    const { arch } = this.#setting
    const mask = capabilityMask(insecure ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES)
    const places = mounts.map((mount, index): Operation => {
      if (mount.kind === 'lent') return ['lend', mount.source, mount.target, `${scratch}/aside.${index}`]
      if (mount.kind !== 'file') throw new TypeError(`no mount of kind ${mount.kind}`)
      return ['substitute', mount.target, octal(mount.mode), mount.uid, mount.gid, mount.content]
    })
    // Nodes are made in what is lent for them.
    const first = mounts.findIndex(({ target }) => target === '/dev') + 1
    return {
      first: [['subreaper']],
      keeper: [
        ['subreaper'],
        ...['/proc', '/sys', '/dev'].map((path): Operation => ['plain', path, `${rootfs.path}${path}`]),
        ['root', rootfs.path],
        ...places.slice(0, first),
        ...DEVICES.map(([name, major, minor]): Operation => ['node', '/dev', name, major, minor]),
        ...places.slice(first),
      ],
      container: [
        ...cgroups.map((path): Operation => ['cgroup', path]),
        ...(interactive ? [] : [['session'] as const]),
        ['root', rootfs.path],
        ['working', container.cwd],
        ['chroot', rootfs.path],
        ['enter'],
        ['keyring'],
        ...rlimitOperations(limits),
        ['output', user.uid],
        ['bound', mask],
        ...(insecure ? [] : [['filter-if-possible', stepFilter(arch, { interactive })] as const]),
        ...(this.files.owners === 'all' ? [['groups', ...user.groups] as const] : []),
        ['gid', user.gid],
        ['keep'],
        ['uid', user.uid],
        ['capabilities', mask],
        ['stay'],
        ['start', container.args.length, ...container.args, ...container.env],
      ],
    }
  }
}
