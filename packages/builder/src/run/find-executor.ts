import type { Executor } from './sandbox/executor.js'
import { chooseExecutor, type ExecutorSearch, type Isolation } from './sandbox/probe/choose-executor.js'

/** The executor that RUN gets: the strongest that works on this machine, or the one asked for. @throws E_NO_EXECUTOR */
export function findExecutor(
  search: ExecutorSearch & { readonly isolation?: Isolation | undefined },
): Promise<Executor> {
  const { isolation, ...rest } = search
  return chooseExecutor({ ...rest, ...(isolation !== undefined && { isolation }) })
}
