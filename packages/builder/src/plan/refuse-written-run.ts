import { locate } from '../dockerfile/source-text.js'
import type { Dockerfile } from '../instructions/commands.js'
import { stepText } from '../steps/step-text.js'
import { buildStageGraph } from './build-stage-graph.js'
import { neededNodes } from './needed-nodes.js'
import type { GraphOptions } from './plan-options.js'
import { runUnsupported } from './run-unsupported.js'

/**
 * Refuses a Dockerfile whose needed stages hold a RUN, before any image is looked for. Triggers of images are not
 * known then: `refuseUnserved` judges the whole plan.
 * @throws E_NO_EXECUTOR, and what is wrong with the stages
 */
export function refuseWrittenRun(dockerfile: Dockerfile, options: GraphOptions): void {
  const graph = buildStageGraph(dockerfile, options)
  for (const { stage, replaced } of neededNodes(graph)) {
    const run = replaced ? undefined : stage.commands.find((command) => command.kind === 'run')
    if (run !== undefined)
      throw runUnsupported({ text: stepText(run), location: locate(dockerfile, run.range) })
  }
}
