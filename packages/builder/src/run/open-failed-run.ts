import { CooperageError, type Digest, type Store } from '@cooperage/store'
import { openHostContent } from '../context/host-content.js'
import { FileSystem } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import { directFiles } from './direct-files.js'
import { ON_TERMINAL } from './failed-process.js'
import { type FailedRecord, readFailed } from './failed-record.js'
import { failedRootfs } from './failed-rootfs.js'
import type { FailedRun } from './failed-run.js'
import { findShells } from './find-shells.js'
import { freshBundle } from './fresh-bundle.js'
import { placeMounts } from './mounts/place-mounts.js'
import { placeTargets } from './mounts/place-targets.js'
import { ownMounts } from './own-mounts.js'
import { LayerDirectories } from './projection/layer-directories.js'
import { removeDirectory } from './projection/remove-directory.js'
import type { Executor } from './sandbox/executor.js'
import type { Isolation } from './sandbox/probe/choose-executor.js'
import { storeExecutor } from './store-executor.js'

export interface OpenFailedRunOptions {
  readonly store: Store
  /** As for a build. */
  readonly executor?: Executor
  readonly isolation?: Isolation
  readonly path?: string
  readonly signal: AbortSignal
}

/**
 * The last process that failed in a build with `keepFailed`, or undefined when none has been kept. It runs where it ran
 * then, unless another executor is asked for, with the names of hosts and servers. What else it had mounted (caches,
 * secrets, the build context) is not there, and no proxy is set. To be disposed of; the files stay for the next time.
 * @throws E_NO_EXECUTOR; E_FAILED_RUN when its files are gone or in use, or are of no use to that executor
 */
export async function openFailedRun(
  options: OpenFailedRunOptions,
): Promise<(FailedRun & AsyncDisposable) | undefined> {
  const { store, signal } = options
  const record = await readFailed(store)
  if (record === undefined) return undefined
  const executor = await storeExecutor(store, { isolation: record.executor, ...options })
  refuseOther(executor, record)
  const files = directFiles(executor)
  const openHost = openHostContent
  const below = stacked(record.layers, { store, signal })
  const tree = await below.tree().catch((cause: unknown) => {
    throw failedRun('the layers that the failed step stood on are gone', AGAIN, cause)
  })
  const { hostname, network } = record.container
  const own = await ownMounts({ hostname, extraHosts: record.extraHosts, network })
  const wanted = own.map((mount) => mount.wanted)
  const placed = placeTargets(tree, wanted, Math.floor(Date.now() / 1000))
  const mounts = placeMounts(own, placed)
  // Last: from here on the files are ours to give back.
  const taken = await store.trees.take(record.tree)
  if (taken === undefined) {
    const hint = `if another cooper run looks into them, end that one; else ${AGAIN}`
    throw failedRun('the files of the last RUN that failed are not there', hint)
  }
  const { scratch, directory: written } = taken
  const layers = new LayerDirectories({ store, files, openHost, signal })
  const about = { kind: record.kind, written, below, tree, placed, layers, files, store, openHost, signal }
  return {
    text: record.text,
    shells: findShells(tree),
    async enter({ state, args, env = [], onOutput, signal: whole }) {
      const place = await store.trees.scratch()
      try {
        const { container } = record
        return await executor.run(
          {
            ...container,
            rootfs: await failedRootfs(place, { ...about, state }),
            mounts,
            args,
            env: [...container.env, ...env],
          },
          {
            signal: whole,
            scratch: await freshBundle(place),
            ...(onOutput === undefined ? ON_TERMINAL : { onOutput }),
          },
        )
      } finally {
        await removeDirectory(place, files)
      }
    },
    async [Symbol.asyncDispose]() {
      await store.trees.keep(written, record.tree)
      await removeDirectory(scratch, files)
    },
  }
}

/** What an overlay says of files that are gone, only the same kind of overlay understands. */
function refuseOther(executor: Executor, record: FailedRecord): void {
  const { overlay, owners } = executor.files
  if (overlay === record.overlay && owners === record.owners) return
  throw failedRun(
    `the failed step ran in ${record.executor}, whose files ${executor.name} cannot use`,
    'leave --isolation out, as the same user as then; or build again with it',
  )
}

const AGAIN = 'build again; the step fails again'

function failedRun(message: string, hint: string, cause?: unknown): CooperageError {
  return new CooperageError('E_FAILED_RUN', message, {
    category: 'store',
    hint,
    ...(cause !== undefined && { cause }),
  })
}

function stacked(diffIds: readonly Digest[], context: { store: Store; signal: AbortSignal }): FileSystem {
  let fileSystem = FileSystem.empty()
  for (const diffId of diffIds) {
    const below = fileSystem
    fileSystem = below.with({ diffId }, async () => loadLayer(await below.tree(), { diffId }, context))
  }
  return fileSystem
}
