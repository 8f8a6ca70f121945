import type { StepEnvironment } from '../execute/step-environment.js'
import { directFiles } from './direct-files.js'
import type { IsGiven } from './mounts/given-mounts.js'
import { LayerDirectories } from './projection/layer-directories.js'
import { removeDirectory } from './projection/remove-directory.js'
import { DEFAULT_HOSTNAME, type RunOptions } from './run-options.js'
import type { Executor } from './sandbox/executor.js'
import type { FileAccess } from './sandbox/file-access.js'
import { helperOf } from './sandbox/helper/helper.js'

/** What all RUNs of one build have in common. */
export interface RunSupport {
  readonly options: RunOptions
  /** Host name of every container: BUILDKIT_SANDBOX_HOSTNAME, or BuildKit's default, so that none gets into a layer. */
  readonly hostname: string
  /** BUILDKIT_CACHE_MOUNT_NS: keeps caches of unlike builds apart. */
  readonly cacheNamespace: string
  readonly isGiven: IsGiven
  /** @throws E_NO_EXECUTOR */
  executor(): Promise<Executor>
  /** The first call clears away what killed builds have left. @throws E_NO_EXECUTOR */
  start(environment: StepEnvironment): Promise<RunMachine>
  /** Does what the first caller hands over; the others wait until that is done. */
  lookOnce(look: () => Promise<void>): Promise<void>
}

/** An executor, and the directories of images that it works with. */
export interface RunMachine {
  readonly executor: Executor
  /** For whatever deals with files and mounts nothing. */
  readonly files: FileAccess
  readonly directories: LayerDirectories
}

export interface RunSupportOptions {
  readonly options: RunOptions
  readonly buildArgs: Readonly<Record<string, string>>
  readonly isGiven: IsGiven
  readonly findExecutor: () => Promise<Executor>
}

export function runSupport({ options, buildArgs, isGiven, findExecutor }: RunSupportOptions): RunSupport {
  let machine: Promise<RunMachine> | undefined
  let finding: Promise<Executor> | undefined
  let looking: Promise<void> | undefined
  const executor = () => {
    finding ??= findExecutor()
    return finding
  }
  return {
    options,
    hostname: buildArgs.BUILDKIT_SANDBOX_HOSTNAME || DEFAULT_HOSTNAME,
    cacheNamespace: buildArgs.BUILDKIT_CACHE_MOUNT_NS ?? '',
    isGiven,
    executor,
    start(environment) {
      machine ??= startMachine(executor(), environment)
      return machine
    },
    lookOnce(look) {
      looking ??= look()
      return looking
    },
  }
}

async function startMachine(
  finding: Promise<Executor>,
  { store, openHost, signal, emit }: StepEnvironment,
): Promise<RunMachine> {
  const executor = await finding
  const files = directFiles(executor)
  // It starts while the file system of the first step is made.
  if (files.place !== undefined) helperOf(files.place)
  if (executor.name === 'chroot') {
    const message =
      'steps run with chroot, which isolates nothing: a step can reach all of this machine or container; see cooper doctor'
    emit({ type: 'warning', rule: 'NotIsolated', message, at: Date.now() })
  } else if (files.owners === 'one') {
    const message = `steps run with ${executor.name} and one id: all files belong to it, and USER can be root alone; see cooper doctor`
    emit({ type: 'warning', rule: 'OneOwner', message, at: Date.now() })
  }
  for (const path of await store.trees.abandoned()) await removeDirectory(path, files)
  return { executor, files, directories: new LayerDirectories({ store, files, openHost, signal }) }
}
