import { cgroupName, makeCgroups } from './cgroups.js'
import { checkContainer } from './check-container.js'
import { checkLimits } from './check-limits.js'
import type { Container, ContainerExit, ContainerLimits } from './container.js'
import { exitOf, MemoryWatch } from './container-exit.js'
import type { Executor, RunContainerOptions } from './executor.js'
import { type ExecutorSetting, guardsDevices } from './executor-setting.js'
import { fileAccess } from './file-access-of.js'
import { idsOf, nameOf, userNamespace } from './id-maps.js'
import { MountFlag } from './kernel-flags.js'
import { launch } from './launch.js'
import { readMachine } from './machine.js'
import { runs32Bit } from './seccomp/compile-filter.js'
import { stageContainer } from './stage.js'
import { limitsLack } from './try-cgroups.js'
import { planUnshare } from './unshare-plan.js'

/** Containers made with nothing but system calls of our own. */
export class UnshareExecutor implements Executor {
  readonly name: Executor['name']
  readonly description: string
  readonly files: Executor['files']
  readonly mounts: Executor['mounts'] = ['bind', 'overlay', 'tmpfs', 'file']
  readonly #setting: ExecutorSetting

  constructor(setting: ExecutorSetting) {
    const { maps } = setting
    this.#setting = setting
    this.name = maps === undefined ? 'unshare-root' : 'unshare-userns'
    this.description = maps === undefined ? 'namespaces as root' : `namespaces of a user with ${nameOf(maps)}`
    this.files = fileAccess(setting)
  }

  get lacks(): readonly string[] {
    return lacksOf(this.#setting)
  }

  checkLimits(limits: ContainerLimits): void {
    checkLimits(limits, { ownUsers: this.#setting.maps !== undefined, byRuntime: false })
  }

  async run(container: Container, options: RunContainerOptions): Promise<ContainerExit> {
    const { tools, arch, maps, overlay } = this.#setting
    checkContainer(container, { executor: this, ids: idsOf(maps), ownNetwork: true })
    const interactive = options.interactive === true
    const cgroups = makeCgroups(cgroupName(), container.limits)
    // A container with limits is in a group of its own, which may be the only one that it can be in.
    const isGuarded =
      guardsDevices(this.#setting) && !interactive && !container.insecure && cgroups.directories.length === 0
    // Without a group nothing else keeps a container from the machine's disks. User namespaces have no nodes.
    const hasNodes = maps !== undefined || isGuarded || container.insecure
    const stage = stageContainer(container, {
      directory: options.scratch,
      overlay,
      ...(tools['fuse-overlayfs'] && { fuseOverlayfs: tools['fuse-overlayfs'] }),
      rootFlags: hasNodes ? 0 : MountFlag.NODEV,
    })
    const memory = new MemoryWatch()
    try {
      const request = planUnshare(container, {
        stage,
        arch,
        ...readMachine(),
        manyIds: idsOf(maps) > 1,
        cgroups: cgroups.directories,
        interactive,
        hasNodes,
        makesNodes: hasNodes && maps === undefined,
        first: maps === undefined ? [] : [userNamespace(maps, tools)],
      })
      const { status } = await launch({
        ...options,
        perl: tools.perl,
        guardsDevices: isGuarded,
        request,
        depth: 2,
      })
      const exit = exitOf(status)
      return { ...exit, outOfMemory: memory.isToBlame(exit, container) }
    } finally {
      cgroups.remove()
    }
  }
}

function lacksOf(setting: ExecutorSetting): string[] {
  const { maps, arch } = setting
  return [
    'the network is that of the machine, its loopback and its abstract sockets included, unless a step has --network=none',
    ...(runs32Bit(arch) ? [] : ['programs of the 32-bit sibling of this processor do not run']),
    ...(maps === undefined
      ? guardsDevices(setting)
        ? []
        : ['device nodes that a step makes cannot be opened in it']
      : ['no device nodes can be made']),
    ...limitsLack({ byRuntime: false }),
    ...(maps?.manyIds === false ? ['all files belong to one user, and USER can be root alone'] : []),
  ]
}
