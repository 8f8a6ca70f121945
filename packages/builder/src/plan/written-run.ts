import type { SourceLocation } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import type { Dockerfile } from '../instructions/commands.js'
import { stepText } from '../steps/step-text.js'
import { buildStageGraph } from './build-stage-graph.js'
import { neededNodes } from './needed-nodes.js'
import type { GraphOptions } from './plan-options.js'

/** A RUN as messages name it. */
export interface WrittenRun {
  readonly text: string
  readonly location: SourceLocation
}

/**
 * The first RUN that the text of the needed stages holds, found before any image is looked for. Triggers of images are
 * not known then: `runsOf` knows them. @throws what is wrong with the stages
 */
export function writtenRun(dockerfile: Dockerfile, options: GraphOptions): WrittenRun | undefined {
  for (const { stage, replaced } of neededNodes(buildStageGraph(dockerfile, options))) {
    const run = replaced ? undefined : stage.commands.find((command) => command.kind === 'run')
    if (run !== undefined) return { text: stepText(run), location: locate(dockerfile, run.range) }
  }
  return undefined
}
