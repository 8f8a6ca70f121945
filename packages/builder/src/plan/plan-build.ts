import type { Dockerfile } from '../instructions/commands.js'
import { Budget } from './budget.js'
import { buildStageGraph } from './build-stage-graph.js'
import { evaluateStage, plannedStage } from './evaluate-stage.js'
import type { Plan, PlannedStage } from './plan.js'
import type { PlanOptions } from './plan-options.js'
import { reachStages } from './reach-stages.js'
import type { StageState } from './stage-state.js'

/**
 * Evaluates a Dockerfile: every word expanded, every stage that the target needs turned into operations on files, its
 * config and its history. Nothing is executed; of images only the configs are asked for, those of needed stages.
 * RUN and remote ADD are planned too: `refuseUnserved` says whether the plan can be executed.
 * @throws errors of the Dockerfile (`E_DF_…`) with their lines, and what `resolveImage` throws
 */
export async function planBuild(dockerfile: Dockerfile, options: PlanOptions): Promise<Plan> {
  const graph = buildStageGraph(dockerfile, options)
  const reached = await reachStages(graph, options)
  const labels = options.labels ?? {}
  const budget = new Budget()
  const states = new Map<number, StageState>()
  const stages = new Map<number, PlannedStage>()
  for (const index of [...reached.keys()].sort((a, b) => a - b)) {
    const stage = reached.get(index)!
    const state = evaluateStage(graph, stage, { states, budget })
    states.set(index, state)
    stages.set(index, plannedStage(graph, stage, { state, labels }))
  }
  return {
    stages,
    target: graph.target,
    warnings: [],
    ...(graph.sourceDateEpoch !== undefined && { sourceDateEpoch: graph.sourceDateEpoch }),
  }
}
