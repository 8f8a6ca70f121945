import type { Platform, SourceLocation } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import { parseDockerfile } from '../parse-dockerfile.js'
import { buildStageGraph } from './build-stage-graph.js'
import { parseImageName } from './image-name.js'
import { neededNodes } from './needed-nodes.js'
import type { GraphOptions } from './plan-options.js'
import type { SourceReference } from './stage-graph.js'

/** An image that a build would ask for. */
export interface BaseImageReference {
  /** As the Dockerfile has it, variables replaced. */
  readonly name: string
  /** In full: `docker.io/library/alpine:latest`. */
  readonly reference: string
  readonly platform: Platform
  /** Where it is named first. */
  readonly location: SourceLocation
}

/**
 * The images that the stages needed for the target start from or copy from, in the order of the file, each once for a
 * platform. Reads text alone: what triggers (ONBUILD) of those images name is not in it.
 */
export function listBaseImages(
  text: string,
  options: GraphOptions & { readonly name?: string },
): readonly BaseImageReference[] {
  const dockerfile = parseDockerfile(text, options.name === undefined ? {} : { name: options.name })
  const graph = buildStageGraph(dockerfile, options)
  const found = new Map<string, BaseImageReference>()
  const add = (reference: SourceReference, platform: Platform, location: SourceLocation) => {
    if (reference.kind !== 'image') return
    const parsed = parseImageName(reference.name)
    if ('error' in parsed) return
    const key = JSON.stringify([parsed.reference, platform])
    if (found.has(key)) return
    found.set(key, { name: reference.name, reference: parsed.reference, platform, location })
  }
  for (const node of neededNodes(graph)) {
    add(node.base, node.platform ?? graph.platform, locate(graph.dockerfile, node.stage.range))
    for (const command of node.replaced ? [] : node.stage.commands) {
      for (const source of graph.sources.get(command)?.values() ?? []) {
        add(source, graph.platform, locate(graph.dockerfile, command.range))
      }
    }
  }
  return [...found.values()]
}
