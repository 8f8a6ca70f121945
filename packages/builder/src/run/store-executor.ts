import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '@cooperage/store'
import type { RunOptions } from './run-options.js'
import type { Executor } from './sandbox/executor.js'
import { chooseExecutor } from './sandbox/probe/choose-executor.js'

/** The executor for containers that have their files in this store. @throws E_NO_EXECUTOR */
export async function storeExecutor(
  store: Store,
  options: Pick<RunOptions, 'executor' | 'isolation' | 'path'> & { readonly signal?: AbortSignal },
): Promise<Executor> {
  if (options.executor !== undefined) return options.executor
  const { isolation, path, signal } = options
  const directory = join(store.path, 'trees')
  // A store of an earlier version lacks it.
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return chooseExecutor({
    directory,
    records: store.records,
    ...(isolation !== undefined && { isolation }),
    ...(path !== undefined && { path }),
    ...(signal !== undefined && { signal }),
  })
}
