import { mkdirSync } from 'node:fs'
import type { Executor, Isolation } from '@cooperage/builder'
import { isCooperageError } from '@cooperage/store'
import { chooseExecutor } from '../packages/builder/src/run/sandbox/probe/choose-executor.js'
import type { Workspace } from './workspace.js'

/** What runs RUN on this machine; undefined (and a printed line) where nothing can. */
export async function runExecutor(
  space: Workspace,
  isolation: Isolation = (process.env.COOPERAGE_ISOLATION ?? 'auto') as Isolation,
): Promise<Executor | undefined> {
  try {
    mkdirSync(space.path('probe'), { recursive: true })
    return await chooseExecutor({ directory: space.path('probe'), isolation })
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_NO_EXECUTOR') throw error
    console.log(`skipped: no executor ${isolation}: ${error.message}`)
    return undefined
  }
}
