import type { Dockerfile } from '../instructions/commands.js'
import { Budget } from './budget.js'
import { buildStageGraph } from './build-stage-graph.js'
import { evaluateStage } from './evaluate-stage.js'
import type { PlanOptions } from './plan-options.js'
import { type ReachedStage, reachStages } from './reach-stages.js'
import type { StageGraph } from './stage-graph.js'
import type { StageState } from './stage-state.js'

/** A stage that the target needs, with its state after all its instructions. */
export interface EvaluatedStage {
  readonly reached: ReachedStage
  readonly state: StageState
}

/** The stages that the target needs, in the order of the file. @throws as `planBuild` */
export async function evaluateStages(
  dockerfile: Dockerfile,
  options: PlanOptions,
): Promise<{ readonly graph: StageGraph; readonly stages: readonly EvaluatedStage[] }> {
  const { checks } = options
  const graph = buildStageGraph(dockerfile, options, checks)
  const reached = await reachStages(graph, options)
  const ignore = checks && copiesFromContext(reached) ? await options.ignore?.() : undefined
  const budget = new Budget()
  const states = new Map<number, StageState>()
  const inOrder = [...reached.values()].sort((a, b) => a.node.index - b.node.index)
  const stages = inOrder.map((stage) => {
    const state = evaluateStage(graph, stage, { states, budget, ignore })
    states.set(stage.node.index, state)
    return { reached: stage, state }
  })
  return { graph, stages }
}

function copiesFromContext(reached: ReadonlyMap<number, ReachedStage>): boolean {
  return [...reached.values()].some(({ commands }) =>
    commands.some(
      (command) => command.kind === 'add' || (command.kind === 'copy' && command.from === undefined),
    ),
  )
}
