import { located } from '../located.js'
import { wantedGit } from '../remote/git/wanted-git.js'
import { remoteKind } from '../steps/remote-source.js'
import type { AddRemoteOperation, Plan, RunOperation } from './plan.js'

/** The RUNs, in the order of the file, of the stages that the target needs. */
export function runsOf(plan: Plan): RunOperation[] {
  return operations(plan).filter((operation) => operation.kind === 'run')
}

/**
 * Refuses a plan that holds what this version does not execute. To be called before any work is done.
 * @throws E_GIT_URL, E_GIT_UNSERVED with the line
 */
export function refuseUnserved(plan: Plan): void {
  for (const operation of operations(plan)) if (operation.kind === 'add-remote') refuseGit(operation)
}

function refuseGit(operation: AddRemoteOperation): void {
  for (const source of operation.sources) {
    if (remoteKind(source) === 'git') located(operation.location, () => wantedGit(source, operation))
  }
}

function operations(plan: Plan) {
  const stages = [...plan.stages.values()].sort((a, b) => a.index - b.index)
  return stages.flatMap((stage) => stage.operations)
}
