import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CooperageError } from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { EnterOptions, FailedRun } from './failed-run.js'
import { findShells } from './find-shells.js'
import { freshBundle } from './fresh-bundle.js'
import { removeDirectory } from './projection/remove-directory.js'
import { type RootSpace, type RootSpaceOptions, rootSpace } from './root-space.js'
import type { Run } from './run-process.js'
import type { Container, Rootfs } from './sandbox/container.js'

export interface FailedProcess {
  readonly run: Run
  readonly error: CooperageError
  readonly environment: StepEnvironment
  readonly space: RootSpace
  readonly container: Container
  /** What its file system was made with. */
  readonly options: Pick<RootSpaceOptions, 'stubs' | 'stubPaths' | 'made'>
}

/** The process has the terminal as its own. */
export const ON_TERMINAL: { readonly interactive: true; readonly onOutput: () => void } = {
  interactive: true,
  onOutput: () => {},
}

/** A process that has just failed, as it can be looked into. */
export function failedProcess(failed: FailedProcess): FailedRun {
  const { run, error, environment, space, container, options } = failed
  const { operation, tree, below, context, machine } = run
  return {
    error,
    text: operation.text,
    shells: findShells(tree),
    async enter({ state, args, env = [], onOutput, signal }: EnterOptions) {
      const scratch = await environment.store.trees.scratch()
      try {
        const { step } = context
        const own =
          state === 'before'
            ? await rootSpace(scratch, { environment, machine, step, below, tree, ...options })
            : space
        const bundle = await freshBundle(scratch)
        const rootfs = state === 'before' ? own.rootfs : again(own.rootfs, scratch)
        const process = { ...container, rootfs, args, env: [...container.env, ...env] }
        return await machine.executor.run(process, {
          signal,
          scratch: bundle,
          ...(onOutput === undefined ? ON_TERMINAL : { onOutput }),
        })
      } finally {
        await removeDirectory(scratch, machine.files)
      }
    },
  }
}

/** An overlay takes a work directory that was in use before for that of a crash. */
function again(rootfs: Rootfs, scratch: string): Rootfs {
  if (rootfs.kind === 'directory') return rootfs
  const work = join(scratch, 'again')
  mkdirSync(work, { mode: 0o700 })
  return { ...rootfs, work }
}
