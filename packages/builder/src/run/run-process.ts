import type { Digest, DirectoryNode } from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { StepContext } from '../execute/step.js'
import type { RunOperation } from '../plan/plan.js'
import { containerUser, type RunUser } from './container-user.js'
import { Leases } from './leases.js'
import type { BindSource } from './mounts/bind-source.js'
import { hostsFile } from './mounts/hosts-file.js'
import { type PlacedTargets, placeTargets } from './mounts/place-targets.js'
import { type PreparedMounts, prepareMounts } from './mounts/prepare-mounts.js'
import type { PreparedMount } from './mounts/prepared-mount.js'
import { resolvConf } from './mounts/resolv-conf.js'
import { OutputLines } from './output-lines.js'
import { removeDirectory } from './projection/remove-directory.js'
import { layerOfUpper } from './read-upper.js'
import { runFailure } from './run-failure.js'
import { DEFAULT_SHM_SIZE, type RunNetwork } from './run-options.js'
import { type RunSpace, runSpace } from './run-space.js'
import type { RunMachine } from './run-support.js'
import type { Container, ContainerMount } from './sandbox/container.js'
import { workingDirectory } from './working-directory.js'

export interface ProcessContext extends StepContext {
  readonly binds: readonly BindSource[]
  readonly rights: { readonly network: RunNetwork; readonly insecure: boolean }
}

/** The layer that a process made. */
export interface ProcessLayer {
  readonly diffId: Digest
  /** In bytes. */
  readonly size: number
  /** The file system as the process left it. */
  readonly tree: () => Promise<DirectoryNode>
  /** To be called with the file system that the layer belongs to: what the next RUN can use is kept, the rest removed. */
  settle(fileSystem: FileSystem): Promise<void>
}

/**
 * Runs the process of a RUN on top of a file system, and makes a layer of what it changed.
 * @throws E_RUN when the process fails, E_RUN_START, E_SANDBOX, E_NO_EXECUTOR, E_MOUNT_TARGET, E_MOUNT_SOURCE and
 * what looking up its user and directory gives
 */
export async function runProcess(
  operation: RunOperation,
  below: FileSystem,
  context: ProcessContext,
): Promise<ProcessLayer> {
  const { environment } = context
  const machine = await environment.run.start(environment)
  const { executor } = machine
  const scratch = await environment.store.trees.scratch()
  const remove = () => removeDirectory(scratch, executor.files)
  try {
    return await runIn(scratch, { operation, below, context, machine, remove })
  } catch (error) {
    await remove()
    throw error
  }
}

interface Run {
  readonly operation: RunOperation
  readonly below: FileSystem
  readonly context: ProcessContext
  readonly machine: RunMachine
  readonly remove: () => Promise<void>
}

async function runIn(scratch: string, run: Run): Promise<ProcessLayer> {
  const { operation, below, context, machine } = run
  const { environment, step } = context
  const { executor, directories } = machine
  const [lowers, tree] = await Promise.all([directories.lowers(below), below.tree()])
  const user = await userOf(run)
  const mtime = environment.epoch ?? environment.now
  const cwd = workingDirectory(tree, operation.workdir, { user, mtime })
  const output = await (async () => {
    await using leases = new Leases()
    const prepared = await prepareMounts(operation, {
      environment,
      step,
      files: executor.files,
      directories,
      location: operation.location,
      scratch,
      cacheNamespace: environment.run.cacheNamespace,
      binds: context.binds,
      leases,
    })
    const mounts = [...prepared.mounts, ...(await ownMounts(run))]
    const placed = placeTargets(
      tree,
      mounts.map(({ wanted }) => wanted),
      mtime,
    )
    const { files } = executor
    const space = await runSpace(scratch, { environment, files, tree, stubs: placed.stubs, made: cwd.made })
    const container = containerOf(run, {
      lowers,
      user,
      cwd: cwd.path,
      mounts: placeMounts(mounts, placed),
      space,
      prepared,
    })
    await runContainer(container, { run, space, prepared })
    return { placed, space }
  })()
  const { files } = executor
  const layer = await layerOfUpper(output.space.upper, {
    environment,
    step,
    files,
    tree,
    stubs: output.placed.stubPaths,
  })
  return {
    ...layer,
    async settle(fileSystem) {
      try {
        if (layer.isExact) await directories.adopt(fileSystem, output.space.upper)
      } finally {
        await run.remove()
      }
    },
  }
}

function userOf({ operation, below, context }: Run): Promise<RunUser> {
  const { store, openHost } = context.environment
  return containerUser(operation.user, {
    tree: () => below.tree(),
    isScratch: below.layers.length === 0,
    blobs: store.blobs,
    openHost,
  })
}

/** What every container finds beside its image: names of hosts and servers, and a script of the Dockerfile. */
async function ownMounts({ operation, context }: Run): Promise<PreparedMount[]> {
  const { hostname, options } = context.environment.run
  const { network } = context.rights
  const file = (target: string, text: string, mode = 0o644): PreparedMount => ({
    wanted: { target, type: 'file' },
    at: (place) => ({
      kind: 'file',
      target: place,
      content: Buffer.from(text),
      mode,
      uid: 0,
      gid: 0,
      readOnly: true,
    }),
  })
  const mounts = [
    file('/etc/resolv.conf', await resolvConf(network)),
    file('/etc/hosts', hostsFile(hostname, options.extraHosts ?? [])),
  ]
  const { script } = operation
  if (script !== undefined) mounts.push(file(`/dev/pipes/${script.name}`, script.content, 0o755))
  return mounts
}

/** In the order in which they are mounted: from the outside in, and of two at one place the later one. */
function placeMounts(mounts: readonly PreparedMount[], placed: PlacedTargets): ContainerMount[] {
  const places = new Map<string, ContainerMount>()
  for (const [index, mount] of mounts.entries()) {
    const target = placed.targets[index]!
    places.set(target, mount.at(target))
  }
  const names = [...places.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return names.map((name) => places.get(name)!)
}

interface ContainerParts {
  readonly lowers: readonly string[]
  readonly user: RunUser
  readonly cwd: string
  readonly mounts: readonly ContainerMount[]
  readonly space: RunSpace
  readonly prepared: PreparedMounts
}

function containerOf({ operation, context }: Run, parts: ContainerParts): Container {
  const { lowers, user, cwd, mounts, space, prepared } = parts
  const { options, hostname } = context.environment.run
  const { uid, gid, groups, home } = user
  return {
    rootfs: {
      kind: 'overlay',
      lowers: space.stubs === undefined ? lowers : [space.stubs, ...lowers],
      upper: space.upper,
      work: space.work,
    },
    args: operation.args,
    env: variables(operation, { secrets: prepared.env, home }),
    cwd,
    user: { uid, gid, groups },
    hostname,
    mounts,
    network: context.rights.network,
    insecure: context.rights.insecure,
    limits: {
      ulimits: options.ulimits ?? [],
      shmSize: options.shmSize ?? DEFAULT_SHM_SIZE,
      ...options.resources,
    },
  }
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The environment of a process: each name once, as it was set last; PATH and HOME when nobody set them. */
function variables(
  operation: RunOperation,
  extra: { readonly secrets: readonly string[]; readonly home: string },
): string[] {
  const found = new Map<string, string>()
  const add = (text: string, isDefault = false) => {
    const name = text.slice(0, Math.max(0, text.indexOf('=')))
    if (!isDefault || !found.has(name)) found.set(name, text)
  }
  for (const text of operation.env) add(text)
  for (const text of operation.proxyEnv) add(text, true)
  add(`PATH=${DEFAULT_PATH}`, true)
  for (const text of extra.secrets) add(text)
  add(`HOME=${extra.home}`, true)
  return [...found.values()]
}

async function runContainer(
  container: Container,
  about: { readonly run: Run; readonly space: RunSpace; readonly prepared: PreparedMounts },
): Promise<void> {
  const { run, space, prepared } = about
  const { operation, context, machine } = run
  const { emit, signal } = context.environment
  const lines = new OutputLines({
    secrets: prepared.secrets,
    onLines: (stream, data) => emit({ type: 'log', step: context.step, stream, data, at: Date.now() }),
  })
  try {
    const exit = await machine.executor.run(container, {
      signal,
      scratch: space.bundle,
      onOutput: (stream, chunk) => lines.take(stream, chunk),
    })
    lines.end()
    if (exit.exitCode !== 0) throw runFailure(operation, exit, lines.tail)
  } finally {
    lines.end()
  }
}
