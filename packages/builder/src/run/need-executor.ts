import { CooperageError, isCooperageError } from '@cooperage/store'
import type { RunOperation } from '../plan/plan.js'
import type { WrittenRun } from '../plan/written-run.js'
import { effectiveNetwork, isInsecure } from './effective-network.js'
import { refuseUnservable } from './refuse-unservable.js'
import type { RunSupport } from './run-support.js'

/**
 * Refuses a build with a RUN that may not be run, or cannot be here: before the first step, as BuildKit does.
 * @throws E_ENTITLEMENT, E_DF_FLAG, E_NO_EXECUTOR, E_MOUNT_UNSERVED, E_SANDBOX, with the line
 */
export async function needRuns(runs: readonly RunOperation[], support: RunSupport): Promise<void> {
  for (const run of runs) {
    effectiveNetwork(run, support.options)
    isInsecure(run, support.options)
  }
  await needExecutor(runs[0], support)
  if (runs.length > 0) refuseUnservable(runs, await support.executor(), support)
}

/** Refuses a build that has a RUN where nothing can run one. @throws E_NO_EXECUTOR, with the line */
export async function needExecutor(run: WrittenRun | undefined, support: RunSupport): Promise<void> {
  if (run === undefined) return
  try {
    await support.executor()
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_NO_EXECUTOR') throw error
    const { line } = run.location
    throw new CooperageError(
      'E_NO_EXECUTOR',
      `no process can be run here, and the image needs the one on line ${line}: ${run.text}: ${error.message}`,
      {
        category: 'sandbox',
        location: run.location,
        ...(error.hint !== undefined && { hint: error.hint }),
        data: error.data,
        cause: error,
      },
    )
  }
}
