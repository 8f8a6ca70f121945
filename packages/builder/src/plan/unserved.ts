import { CooperageError } from '@cooperage/store'
import { remoteKind } from '../steps/remote-source.js'
import type { AddRemoteOperation, Plan, RunOperation } from './plan.js'
import { runUnsupported } from './run-unsupported.js'

/** The first RUN, in the order of the file, of the stages that the target needs. */
export function firstRun(plan: Plan): RunOperation | undefined {
  return operations(plan).find((operation) => operation.kind === 'run')
}

/** The first ADD of a git repository, or one with `--keep-git-dir`. */
export function firstGitAdd(plan: Plan): AddRemoteOperation | undefined {
  return operations(plan).find(
    (operation): operation is AddRemoteOperation =>
      operation.kind === 'add-remote' && operation.sources.some((source) => remoteKind(source) === 'git'),
  )
}

/**
 * Refuses a plan that holds what this version does not execute. To be called before any work is done.
 * @throws E_NO_EXECUTOR, E_ADD_REMOTE with the line
 */
export function refuseUnserved(plan: Plan): void {
  const run = firstRun(plan)
  if (run !== undefined) throw runUnsupported(run)
  const add = firstGitAdd(plan)
  if (add !== undefined) {
    throw new CooperageError('E_ADD_REMOTE', `ADD of a git repository is not served yet: ${add.text}`, {
      location: add.location,
      hint: 'fetch it into the context first, and use COPY',
      data: { sources: add.sources },
    })
  }
}

function operations(plan: Plan) {
  const stages = [...plan.stages.values()].sort((a, b) => a.index - b.index)
  return stages.flatMap((stage) => stage.operations)
}
