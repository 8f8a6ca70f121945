import { CooperageError } from '@cooperage/store'
import { locate, type SourceText } from '../dockerfile/source-text.js'
import type { Command } from '../instructions/commands.js'
import type { SourceReference, StageNode } from './stage-graph.js'

/** From a stage to another, by the command that needs it. */
interface Edge {
  readonly to: number
  readonly command: Command
}

/**
 * Refuses stages that take files from one another in a circle, needed or not.
 * @throws E_DF_CYCLE with the stages of the circle in `data.path`
 */
export function refuseCycles(
  text: SourceText,
  nodes: readonly StageNode[],
  sources: ReadonlyMap<Command, ReadonlyMap<string, SourceReference>>,
): void {
  const edges = nodes.map((node) => edgesOf(node, sources))
  const done = new Set<number>()
  for (const start of nodes) {
    const path: { node: number; next: number }[] = [{ node: start.index, next: 0 }]
    const onPath = new Set([start.index])
    if (done.has(start.index)) continue
    while (path.length > 0) {
      const top = path.at(-1)!
      const edge = edges[top.node]![top.next++]
      if (edge === undefined) {
        done.add(top.node)
        onPath.delete(top.node)
        path.pop()
      } else if (onPath.has(edge.to)) {
        const commands = path.map(({ node, next }) => edges[node]![next - 1]!.command)
        throw cycle(text, {
          start,
          commands,
          stages: path.map(({ node }) => nodes[node]!),
          to: nodes[edge.to]!,
        })
      } else if (!done.has(edge.to)) {
        path.push({ node: edge.to, next: 0 })
        onPath.add(edge.to)
      }
    }
  }
}

function edgesOf(
  node: StageNode,
  sources: ReadonlyMap<Command, ReadonlyMap<string, SourceReference>>,
): Edge[] {
  if (node.replaced) return []
  return node.stage.commands.flatMap((command) =>
    [...(sources.get(command)?.values() ?? [])].flatMap((source) =>
      source.kind === 'stage' ? [{ to: source.stage, command }] : [],
    ),
  )
}

function cycle(
  text: SourceText,
  found: {
    readonly start: StageNode
    readonly commands: readonly Command[]
    readonly stages: readonly StageNode[]
    readonly to: StageNode
  },
): CooperageError {
  const path = [...found.stages, found.to].map((node) => node.shownName)
  return new CooperageError('E_DF_CYCLE', `circular dependency detected on stage: ${found.start.shownName}`, {
    location: locate(text, found.commands[0]!.range),
    hint: `${path.join(' needs ')}: move what both need into a stage of its own`,
    data: { path, lines: found.commands.map(({ range }) => [range.line, range.endLine]) },
  })
}
