import { randomBytes } from 'node:crypto'
import { type CooperageError, type Digest, isCooperageError } from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import { readFailed, writeFailed } from './failed-record.js'
import { removeDirectory } from './projection/remove-directory.js'
import type { RootSpace } from './root-space.js'
import type { Run } from './run-process.js'
import type { Container } from './sandbox/container.js'

export interface KeptRun {
  readonly run: Run
  readonly environment: StepEnvironment
  readonly space: RootSpace
  readonly container: Container
  /** Of its variables, those that mounts gave it: they may be secrets. */
  readonly mountedEnv: readonly string[]
}

/** Keeps the files of a failed process in the store, in place of those of the one before. Costs a warning at most. */
export async function keepFailedRun(kept: KeptRun): Promise<void> {
  const { run, environment, space, container, mountedEnv } = kept
  const { store, emit } = environment
  const { files, name } = run.machine.executor
  try {
    const last = await readFailed(store)
    const old = last && (await store.trees.take(last.tree))
    if (old !== undefined) await removeDirectory(old.scratch, files)
    const tree: Digest = `sha256:${randomBytes(32).toString('hex')}`
    const { rootfs } = space
    await store.trees.keep(rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path, tree)
    const { env, cwd, user, hostname, network, insecure, limits } = container
    const unkept = new Set([...mountedEnv, ...run.operation.proxyEnv])
    await writeFailed(store, {
      text: run.operation.text,
      layers: run.below.layers.map(({ diffId }) => diffId),
      tree,
      kind: rootfs.kind,
      executor: name,
      overlay: files.overlay,
      owners: files.owners,
      extraHosts: environment.run.options.extraHosts ?? [],
      container: {
        env: env.filter((text) => !unkept.has(text)),
        cwd,
        user,
        hostname,
        network,
        insecure,
        limits,
      },
    })
  } catch (error) {
    if (!isStoreError(error)) throw error
    const message = `the files of the failed step are not kept: ${error.message}`
    emit({ type: 'warning', rule: 'FailedRunNotKept', message, at: Date.now() })
  }
}

function isStoreError(error: unknown): error is CooperageError {
  return isCooperageError(error) && (error.category === 'store' || error.code === 'E_TOOL')
}
