import { cgroupName, sweepCgroups, sweepOnce } from './cgroups.js'
import { checkContainer } from './check-container.js'
import { checkLimits } from './check-limits.js'
import type { Container, ContainerExit, ContainerLimits, ContainerMount } from './container.js'
import { exitOf, MemoryWatch } from './container-exit.js'
import type { Executor, RunContainerOptions } from './executor.js'
import type { ExecutorSetting, OciRuntime } from './executor-setting.js'
import { fileAccess } from './file-access-of.js'
import { TOOL_PATH } from './host-tools.js'
import { idsOf, nameOf, userNamespace } from './id-maps.js'
import type { InitRequest, Operation } from './init/operation.js'
import { CloneFlag, MountFlag } from './kernel-flags.js'
import { launch } from './launch.js'
import { readMachine } from './machine.js'
import { ociConfig } from './oci/oci-config.js'
import { runtimeFailure } from './oci/runtime-log.js'
import { RuntimeOutput } from './oci/runtime-output.js'
import { type Stage, stageContainer } from './stage.js'
import { limitsLack } from './try-cgroups.js'

/** Containers made by runc or crun. */
export class OciExecutor implements Executor {
  readonly name: Executor['name']
  readonly description: string
  readonly files: Executor['files']
  readonly mounts: Executor['mounts'] = ['bind', 'overlay', 'tmpfs', 'file']
  readonly #setting: ExecutorSetting
  readonly #runtime: OciRuntime

  constructor(setting: ExecutorSetting & { readonly runtime: OciRuntime }) {
    const { maps, runtime } = setting
    this.#setting = setting
    this.#runtime = runtime
    this.name = maps === undefined ? 'oci-root' : 'oci-userns'
    const whose = maps === undefined ? 'as root' : `in a user namespace with ${nameOf(maps)}`
    this.description = `${runtime.name} ${runtime.version} ${whose}`
    this.files = fileAccess(setting)
  }

  get lacks(): readonly string[] {
    return lacksOf(this.#setting)
  }

  checkLimits(limits: ContainerLimits): void {
    checkLimits(limits, { ownUsers: this.#setting.maps !== undefined, byRuntime: true })
  }

  async run(container: Container, options: RunContainerOptions): Promise<ContainerExit> {
    const { tools, overlay, maps } = this.#setting
    checkContainer(container, { executor: this, ids: idsOf(maps), ownNetwork: true })
    const stage = stageContainer(container, {
      directory: options.scratch,
      overlay,
      ...(tools['fuse-overlayfs'] && { fuseOverlayfs: tools['fuse-overlayfs'] }),
      rootFlags: 0,
    })
    sweepOnce()
    const id = cgroupName()
    const memory = new MemoryWatch()
    const output = new RuntimeOutput(options.onOutput)
    let report = ''
    let status: number
    try {
      const request = this.#request(container, { stage, id, options })
      const end = await launch({
        ...options,
        onOutput: (stream, chunk) => output.take(stream, chunk),
        perl: tools.perl,
        request,
        depth: 2,
      })
      report = end.report ?? ''
      status = end.status
    } catch (error) {
      // A runtime that was killed had no time for it.
      sweepCgroups(id)
      throw error
    } finally {
      output.stop()
    }
    const exit = exitOf(status)
    const program = container.args[0] ?? ''
    const failure = runtimeFailure(report, program) ?? output.startFailure(exit, program)
    if (failure) throw failure
    await output.end()
    return { ...exit, outOfMemory: memory.isToBlame(exit, container) }
  }

  #request(
    container: Container,
    { stage, id, options }: { stage: Stage; id: string; options: RunContainerOptions },
  ): InitRequest {
    const { maps, tools, arch } = this.#setting
    const { scratch, interactive = false } = options
    const sources = new Map(stage.sources)
    const machine = readMachine()
    const sharesNetwork = maps !== undefined && container.network !== 'none'
    const config = (): string =>
      ociConfig(container, {
        rootfs: stage.rootfs,
        sources,
        arch,
        ...machine,
        // A user namespace has them all again.
        bounding: maps === undefined ? machine.bounding : -1n,
        inUserNamespace: maps !== undefined,
        manyIds: idsOf(maps) > 1,
        interactive,
        ...(sharesNetwork && { sys: `${scratch}/sys` }),
      })
    const held = container.mounts.flatMap((mount, index) =>
      hold(mount, { stage, sources, name: `b${index}` }),
    )
    const run = ['--root', `${scratch}/state`, '--log', `${scratch}/log.json`, '--log-format', 'json', 'run']
    const args = [this.#runtime.path, ...run, '--bundle', scratch, id]
    return {
      first: [
        ...(maps === undefined ? [] : [userNamespace(maps, tools)]),
        ['unshare', CloneFlag.NEWNS | CloneFlag.NEWPID],
      ],
      keeper: [
        ...stage.operations,
        ['root', stage.rootfs],
        ['reachable', container.cwd],
        // The runtime reads them, after the image has become its root.
        ['regular', '/etc/passwd'],
        ['regular', '/etc/group'],
        ['root', scratch],
        ...held,
        ...(sharesNetwork ? [['tree', '/sys', 'sys'] as const] : []),
        ['file', 'config.json', '600', 0, 0, Buffer.from(config())],
        ['report', `${scratch}/log.json`],
      ],
      container: [['start', args.length, ...args, `PATH=${TOOL_PATH}`]],
    }
  }
}

/**
 * A mount's source, held in place: runtimes follow a link that the source has become, and old ones cannot make a mount
 * read-only that a user namespace locks.
 */
function hold(
  mount: ContainerMount,
  { stage, sources, name }: { stage: Stage; sources: Map<ContainerMount, string>; name: string },
): Operation[] {
  const source = stage.sources.get(mount)
  if (source === undefined || (mount.kind !== 'bind' && mount.kind !== 'file')) return []
  const readOnly = mount.readOnly ? MountFlag.RDONLY : 0
  const restricted = mount.kind === 'file' ? MountFlag.NOSUID | MountFlag.NODEV | MountFlag.NOEXEC : 0
  sources.set(mount, stage.rootfs.replace(/rootfs$/, name))
  return [['bind', source, name, restricted | readOnly]]
}

function lacksOf({ maps }: ExecutorSetting): string[] {
  return [
    'the network is that of the machine, its loopback and its abstract sockets included, unless a step has --network=none',
    ...(maps === undefined ? [] : ['no device nodes can be made']),
    ...limitsLack({ byRuntime: true }),
    ...(maps?.manyIds === false ? ['all files belong to one user, and USER can be root alone'] : []),
  ]
}
