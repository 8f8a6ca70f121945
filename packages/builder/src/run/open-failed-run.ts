import { join } from 'node:path'
import { CooperageError, type Digest, directoryOf, type Store } from '@cooperage/store'
import { openHostContent } from '../context/host-content.js'
import { FileSystem } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import { directFiles } from './direct-files.js'
import { ON_TERMINAL } from './failed-process.js'
import { readFailed } from './failed-record.js'
import type { EnterOptions, FailedRun } from './failed-run.js'
import { findShells } from './find-shells.js'
import { freshBundle } from './fresh-bundle.js'
import { LayerDirectories } from './projection/layer-directories.js'
import { removeDirectory } from './projection/remove-directory.js'
import { unpackItems } from './projection/unpack.js'
import type { Rootfs } from './sandbox/container.js'
import type { Executor } from './sandbox/executor.js'
import type { Isolation } from './sandbox/probe/choose-executor.js'
import { storeExecutor } from './store-executor.js'
import { runTool } from './tool.js'

export interface OpenFailedRunOptions {
  readonly store: Store
  /** As for a build. */
  readonly executor?: Executor
  readonly isolation?: Isolation
  readonly path?: string
  readonly signal: AbortSignal
}

/**
 * The last process that failed in a build with `keepFailed`, or undefined when none has been kept. What it had mounted
 * (caches, secrets, the build context) is not there. To be disposed of; the files stay for the next time.
 * @throws E_NO_EXECUTOR
 */
export async function openFailedRun(
  options: OpenFailedRunOptions,
): Promise<(FailedRun & AsyncDisposable) | undefined> {
  const { store, signal } = options
  const record = await readFailed(store)
  if (record === undefined || (await store.trees.find(record.tree)) === undefined) return undefined
  const executor = await storeExecutor(store, options)
  const files = directFiles(executor)
  const openHost = openHostContent
  const fileSystem = stacked(record.layers, { store, signal })
  const tree = await fileSystem.tree().catch((error: unknown) => {
    throw new CooperageError('E_FAILED_RUN', 'the layers that the failed step stood on are gone', {
      category: 'store',
      hint: 'build again; the step fails again',
      cause: error,
    })
  })
  // Last: from here on the files are ours to give back.
  const taken = await store.trees.take(record.tree)
  if (taken === undefined) return undefined
  const { scratch, directory } = taken
  const layers = new LayerDirectories({ store, files, openHost, signal })
  const rootfsFor = async (state: EnterOptions['state'], place: string): Promise<Rootfs> => {
    const isBefore = state === 'before'
    if (record.kind === 'directory') {
      if (!isBefore) return { kind: 'directory', path: directory }
      const copy = join(place, 'root')
      const whole = await layers.whole(fileSystem)
      await runTool(['cp', '-a', '--reflink=auto', '--', whole, copy], { enter: files.enter, signal })
      return { kind: 'directory', path: copy }
    }
    const made = ['upper', 'work'].map(
      (path) => ({ kind: 'node', path, node: directoryOf(tree.meta) }) as const,
    )
    const root = { mode: 0o700, uid: 0, gid: 0, mtime: 0 }
    await unpackItems(made, place, { files, store, openHost, signal, root })
    const upper = isBefore ? join(place, 'upper') : directory
    return { kind: 'overlay', lowers: await layers.lowers(fileSystem), upper, work: join(place, 'work') }
  }
  return {
    text: record.text,
    shells: findShells(tree),
    async enter({ state, args, env = [], onOutput, signal: own }) {
      const place = await store.trees.scratch()
      try {
        const { container } = record
        return await executor.run(
          {
            ...container,
            rootfs: await rootfsFor(state, place),
            mounts: [],
            args,
            env: [...container.env, ...env],
          },
          {
            signal: own,
            scratch: await freshBundle(place),
            ...(onOutput === undefined ? ON_TERMINAL : { onOutput }),
          },
        )
      } finally {
        await removeDirectory(place, files)
      }
    },
    async [Symbol.asyncDispose]() {
      await store.trees.keep(directory, record.tree)
      await removeDirectory(scratch, files)
    },
  }
}

function stacked(diffIds: readonly Digest[], context: { store: Store; signal: AbortSignal }): FileSystem {
  let fileSystem = FileSystem.empty()
  for (const diffId of diffIds) {
    const below = fileSystem
    fileSystem = below.with({ diffId }, async () => loadLayer(await below.tree(), { diffId }, context))
  }
  return fileSystem
}
