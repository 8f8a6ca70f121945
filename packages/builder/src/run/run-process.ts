import { existsSync } from 'node:fs'
import { type CooperageError, type DirectoryNode, isCooperageError } from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { StepContext } from '../execute/step.js'
import type { RunOperation } from '../plan/plan.js'
import { containerLimits } from './container-limits.js'
import { containerUser } from './container-user.js'
import { type FailedProcess, failedProcess } from './failed-process.js'
import { type KeptRun, keepFailedRun } from './keep-failed-run.js'
import { Leases } from './leases.js'
import type { BindSource } from './mounts/bind-source.js'
import { lentMounts } from './mounts/lent-mounts.js'
import { placeMounts } from './mounts/place-mounts.js'
import { placeTargets } from './mounts/place-targets.js'
import { type PreparedMounts, prepareMounts } from './mounts/prepare-mounts.js'
import type { PreparedMount } from './mounts/prepared-mount.js'
import { OutputLines } from './output-lines.js'
import { ownMounts, scriptMount } from './own-mounts.js'
import { processEnv } from './process-env.js'
import { removeDirectory, removeSmall } from './projection/remove-directory.js'
import type { ChangesLayer } from './read-changes.js'
import { refuseUnmountable } from './refuse-unmountable.js'
import { type RootSpace, rootSpace } from './root-space.js'
import { runFailure } from './run-failure.js'
import type { RunNetwork } from './run-options.js'
import type { RunMachine } from './run-support.js'
import type { Container, ContainerMount } from './sandbox/container.js'
import { startFailure } from './start-failure.js'
import { workingDirectory } from './working-directory.js'

export interface ProcessContext extends StepContext {
  readonly binds: readonly BindSource[]
  readonly rights: { readonly network: RunNetwork; readonly insecure: boolean }
}

/** The layer that a process made. */
export interface ProcessLayer extends ChangesLayer {
  /** To be called with the file system that the layer belongs to: what the next RUN can use is kept, the rest removed. */
  settle(fileSystem: FileSystem): Promise<void>
}

/**
 * Runs the process of a RUN on top of a file system, and makes a layer of what it changed.
 * @throws E_RUN when the process fails or cannot be started, E_SANDBOX, E_NO_EXECUTOR, E_MOUNT_TARGET, E_MOUNT_SOURCE,
 * E_MOUNT_UNSERVED, E_TOOL, and what looking up its user, directory and secrets gives
 */
export async function runProcess(
  operation: RunOperation,
  below: FileSystem,
  context: ProcessContext,
): Promise<ProcessLayer> {
  const { environment } = context
  const machine = await environment.run.start(environment)
  const { executor, files, directories } = machine
  refuseUnmountable(operation, executor, environment.run.isGiven)
  const scratch = await environment.store.trees.scratch()
  const remove = () => removeDirectory(scratch, files)
  try {
    const tree = await below.tree()
    const space = await runIn(scratch, { operation, below, tree, context, machine })
    const layer = await space.read()
    return {
      ...layer,
      async settle(fileSystem) {
        try {
          if (!layer.isExact || space.upper === undefined) return
          await directories.adopt(fileSystem, space.upper)
          await removeSmall(scratch, files)
        } finally {
          if (existsSync(scratch)) await remove()
        }
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A process and what it stands on. */
export interface Run {
  readonly operation: RunOperation
  readonly below: FileSystem
  readonly tree: DirectoryNode
  readonly context: ProcessContext
  readonly machine: RunMachine
}

/** Runs the process; what it mounted is given up again when this settles. */
async function runIn(scratch: string, run: Run): Promise<RootSpace> {
  const { operation, below, tree, context, machine } = run
  const { environment, step, binds, rights } = context
  const { store, openHost, epoch, now } = environment
  const user = await containerUser(operation.user, {
    tree: async () => tree,
    isScratch: below.layers.length === 0,
    blobs: store.blobs,
    openHost,
  })
  const mtime = epoch ?? now
  const cwd = workingDirectory(tree, operation.workdir, { user, mtime })
  await using leases = new Leases()
  const prepared = await prepareMounts(operation, {
    environment,
    step,
    files: machine.files,
    isLent: !machine.executor.mounts.includes('bind'),
    location: operation.location,
    scratch,
    cacheNamespace: environment.run.cacheNamespace,
    binds,
    leases,
  })
  const { hostname, options: runOptions } = environment.run
  const { extraHosts } = runOptions
  const own = await ownMounts({ hostname, extraHosts, network: rights.network })
  const script = await scriptMount(operation, { executor: machine.executor, scratch })
  const mounts = [...own, ...inOrder([...prepared.mounts, ...script])]
  const wanted = mounts.map((mount) => mount.wanted)
  const placed = placeTargets(tree, wanted, mtime)
  const { stubs, stubPaths } = placed
  const made = [...placed.kept, ...cwd.made]
  const space = await rootSpace(scratch, {
    environment,
    machine,
    step,
    below,
    tree,
    stubs,
    stubPaths,
    made,
  })
  const { uid, gid, groups, home } = user
  const container: Container = {
    rootfs: space.rootfs,
    args: operation.args,
    env: processEnv(operation, { mounted: prepared.env, home }),
    cwd: cwd.path,
    // Where there is one id only, nobody can be in a group of another.
    user: { uid, gid, groups: machine.files.owners === 'one' ? [gid] : groups },
    mounts: await mountable(placeMounts(mounts, placed), run, scratch),
    ...surroundings(context),
  }
  try {
    await runContainer(container, { run, space, prepared })
  } catch (error) {
    // One that was stopped because another failed has the error of that one.
    if (context.environment.signal.aborted || !isCooperageError(error) || error.code !== 'E_RUN') throw error
    const options = { stubs, stubPaths, made }
    await lookInto(error, { run, space, container, options, mountedEnv: prepared.env })
    throw error
  }
  return space
}

/**
 * A failed process may be looked into while its mounts are there, and kept for looking into it later. Of several that
 * fail at once it is the first: there is one terminal, and one place to keep them.
 */
async function lookInto(
  error: CooperageError,
  failed: Omit<FailedProcess & KeptRun, 'error' | 'environment'>,
): Promise<void> {
  const { run } = failed
  const { environment } = run.context
  const { onFailure, keepFailed } = environment.run.options
  await environment.run.lookOnce(async () => {
    await onFailure?.(failedProcess({ ...failed, error, environment }))
    if (keepFailed === true) await keepFailedRun({ ...failed, environment })
  })
}

function surroundings({ environment, rights }: ProcessContext) {
  const { options, hostname } = environment.run
  return { hostname, ...rights, limits: containerLimits(options) }
}

/** From the outside in, whatever the order in which they were written. */
function inOrder(mounts: readonly PreparedMount[]): PreparedMount[] {
  const bytes = ({ wanted }: PreparedMount) => Buffer.from(wanted.target)
  return [...mounts].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
}

/** As the executor can have them. */
async function mountable(
  mounts: readonly ContainerMount[],
  { machine, context }: Run,
  scratch: string,
): Promise<readonly ContainerMount[]> {
  if (machine.executor.mounts.includes('bind')) return mounts
  return lentMounts(mounts, { scratch, signal: context.environment.signal })
}

async function runContainer(
  container: Container,
  about: { readonly run: Run; readonly space: RootSpace; readonly prepared: PreparedMounts },
): Promise<void> {
  const { run, space, prepared } = about
  const { operation, tree, context, machine } = run
  const { environment, step } = context
  const { emit, signal } = environment
  const lines = new OutputLines({
    secrets: prepared.secrets,
    onLines: (stream, data) => emit({ type: 'log', step, stream, data, at: Date.now() }),
  })
  try {
    const exit = await machine.executor.run(container, {
      signal,
      scratch: space.bundle,
      onOutput: (stream, chunk) => lines.take(stream, chunk),
    })
    lines.end()
    if (exit.exitCode !== 0) {
      const about = { output: lines.tail, files: machine.files }
      throw runFailure(operation, exit, about)
    }
  } catch (error) {
    throw await startFailure(error, { operation, container, tree, environment })
  } finally {
    lines.end()
  }
}
