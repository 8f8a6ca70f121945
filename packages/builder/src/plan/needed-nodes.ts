import type { StageGraph, StageNode } from './stage-graph.js'

/** The stages that the target needs as far as the text alone says: triggers of images may need more. */
export function neededNodes(graph: StageGraph): readonly StageNode[] {
  const needed = new Set<number>([graph.target])
  // A set that grows while it is walked: each stage adds those that it needs.
  for (const index of needed) {
    const { base, stage, replaced } = graph.nodes[index]!
    const commands = replaced ? [] : stage.commands
    const sources = commands.flatMap((command) => [...(graph.sources.get(command)?.values() ?? [])])
    for (const reference of [base, ...sources]) if (reference.kind === 'stage') needed.add(reference.stage)
  }
  return graph.nodes.filter(({ index }) => needed.has(index))
}
