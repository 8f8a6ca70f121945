import { ENDING_CHECKS } from './ending-checks.js'
import { type ExecutorCheck, NotPromised } from './executor-check.js'
import { FILE_CHECKS } from './file-checks.js'
import { ISOLATION_CHECKS } from './isolation-checks.js'
import { PROCESS_CHECKS } from './process-checks.js'

/** What every executor must do. Loop over it with the runner of your choice, one after the other. */
export function executorChecks(): ExecutorCheck[] {
  const all = { ...PROCESS_CHECKS, ...FILE_CHECKS, ...ISOLATION_CHECKS, ...ENDING_CHECKS }
  return Object.entries(all).map(([name, check]) => ({
    name,
    async run(bench) {
      try {
        await check(bench)
      } catch (error) {
        if (error instanceof NotPromised) return error.message
        throw error
      }
      return undefined
    },
  }))
}
