import type { Dockerfile } from '../instructions/commands.js'
import { plannedStage } from './evaluate-stage.js'
import { evaluateStages } from './evaluate-stages.js'
import type { Plan } from './plan.js'
import type { PlanOptions } from './plan-options.js'

/**
 * Evaluates a Dockerfile: every word expanded, every stage that the target needs turned into operations on files, its
 * config and its history. Nothing is executed; of images only the configs are asked for, those of needed stages.
 * Nothing is executed: `refuseUnserved` says whether the plan can be.
 * @throws errors of the Dockerfile (`E_DF_…`) with their lines, what `resolveImage` throws, and E_LINT for findings of
 * checks that are to fail the build
 */
export async function planBuild(dockerfile: Dockerfile, options: PlanOptions): Promise<Plan> {
  const { graph, stages } = await evaluateStages(dockerfile, options)
  const { checks, labels = {} } = options
  checks?.refuseFindings()
  return {
    stages: new Map(
      stages.map(({ reached, state }) => [
        reached.node.index,
        plannedStage(graph, reached, { state, labels }),
      ]),
    ),
    target: graph.target,
    platform: graph.platform,
    warnings: checks?.warnings ?? [],
    ...(graph.epoch.kind === 'time' && { sourceDateEpoch: graph.epoch.seconds }),
  }
}
