import { CooperageError } from '@cooperage/store'
import type { Command } from '../instructions/commands.js'
import type { Expander } from './expander.js'
import type { StepCount } from './plan.js'
import type { ReachedStage } from './reach-stages.js'
import type { StageGraph } from './stage-graph.js'

/**
 * How BuildKit counts: ADD, COPY, RUN and WORKDIR, also those that make nothing, and an image below them. An image of
 * a named context is in the total, but has no number of its own.
 */
export function countSteps(graph: StageGraph, { node, commands }: ReachedStage): StepCount {
  const { kind } = node.base
  const below = kind === 'image' || kind === 'namedContext' ? 1 : 0
  const counted = commands.filter(({ kind }) => ['add', 'copy', 'run', 'workdir'].includes(kind)).length
  return {
    stage: isOnlyOne(graph) ? '' : node.shownName,
    first: kind === 'image' ? 2 : 1,
    total: counted + below,
  }
}

/** What is copied from an image or a named context is a stage too. */
function isOnlyOne({ nodes, sources }: StageGraph): boolean {
  if (nodes.length > 1) return false
  return [...sources.values()].every((found) => [...found.values()].every(({ kind }) => kind === 'stage'))
}

/** The instruction in one line, its keyword in capitals, quotes taken away and variables replaced where that can be done. */
export function vertexText(
  { keyword, text }: Command,
  words: { readonly expander: Expander; readonly variables: ReadonlyMap<string, string> },
): string {
  const [first = ''] = text.split('\n', 1)
  const upper = first.toLowerCase().startsWith(keyword.toLowerCase())
    ? keyword.toUpperCase() + first.slice(keyword.length)
    : first
  try {
    return words.expander.match(upper, words.variables).text
  } catch (error) {
    if (error instanceof CooperageError) return upper
    throw error
  }
}
