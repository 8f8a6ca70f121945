import type { SourceLocation } from '@cooperage/store'
import type { Command } from '../instructions/commands.js'
import { SourceArgs } from './source-args.js'
import { sourceReferences } from './source-reference.js'
import type { SourceReference, StageGraph, StageNode } from './stage-graph.js'

/** What triggers take files from: they see the arguments of the stage that has them, and their own. @throws E_DF_STAGE_REF, E_DF_VAR */
export function triggerSources(
  triggers: readonly Command[],
  how: { readonly graph: StageGraph; readonly node: StageNode; readonly location: SourceLocation },
): ReadonlyMap<Command, ReadonlyMap<string, SourceReference>> {
  const sources = new Map<Command, ReadonlyMap<string, SourceReference>>()
  if (triggers.length === 0) return sources
  const { graph, node, location } = how
  const { base } = node
  const { checks } = graph
  const args = new SourceArgs(graph, base.kind === 'stage' ? graph.argsAfter.get(base.stage) : undefined)
  for (const command of triggers) {
    const found = sourceReferences(command, graph, { location, args, ...(checks && { checks }) })
    if (found.size > 0) sources.set(command, found)
    args.read(command)
  }
  return sources
}
