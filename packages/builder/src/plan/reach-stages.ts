import type { Platform, SourceLocation } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import type { Command } from '../instructions/commands.js'
import { checkBasePlatform } from '../lint/check-from.js'
import type { CheckPlace } from '../lint/checks.js'
import { checkImageName } from './check-image-name.js'
import { didYouMean } from './did-you-mean.js'
import type { BaseImage } from './plan.js'
import type { PlanOptions } from './plan-options.js'
import type { SourceReference, StageGraph, StageNode } from './stage-graph.js'
import { triggerSources } from './trigger-sources.js'
import { parseTriggers } from './triggers.js'

/** A stage that the target needs, with its images found and its triggers read. */
export interface ReachedStage {
  readonly node: StageNode
  readonly platform: Platform
  /** Its base, when that is an image. */
  readonly image?: BaseImage
  /** Triggers of the base first, then the stage's own commands. */
  readonly commands: readonly Command[]
  /** How many of `commands` are triggers. */
  readonly triggerCount: number
  readonly sources: ReadonlyMap<Command, ReadonlyMap<string, SourceReference>>
  /** Images that its commands take files from, by the name in the reference. */
  readonly sourceImages: ReadonlyMap<string, BaseImage>
}

/**
 * Finds the stages that the target needs and the images those need; a stage that nobody needs costs nothing. Triggers
 * are known only when their image is, and may need further stages: so it goes in rounds, the images of one round at
 * the same time.
 */
export async function reachStages(
  graph: StageGraph,
  options: Pick<PlanOptions, 'resolveImage' | 'signal' | 'allStages'>,
): Promise<ReadonlyMap<number, ReachedStage>> {
  const images = imageCache(
    options,
    graph.nodes.map(({ stage }) => stage.name ?? '').filter((name) => name !== ''),
  )
  const reached = new Map<number, ReachedStage>()
  const everything = options.allStages === true
  let round = everything ? graph.nodes.map(({ index }) => index) : [graph.target]
  while (round.length > 0) {
    options.signal?.throwIfAborted()
    const stages = await Promise.all(round.map((index) => reachStage(graph, graph.nodes[index]!, images)))
    for (const stage of stages) reached.set(stage.node.index, stage)
    round = [...new Set(stages.flatMap(needsOf))].filter((index) => !reached.has(index))
  }
  return reached
}

/** Stages that this one needs directly. */
export function needsOf(stage: ReachedStage): number[] {
  const { base } = stage.node
  const sources = [...stage.sources.values()].flatMap((found) => [...found.values()])
  const needs = [base, ...sources].flatMap((reference) =>
    reference.kind === 'stage' ? [reference.stage] : [],
  )
  return [...new Set(needs)].toSorted((a, b) => a - b)
}

async function reachStage(graph: StageGraph, node: StageNode, find: FindImage): Promise<ReachedStage> {
  const location = locate(graph.dockerfile, node.stage.range)
  const platform = platformOf(graph, node)
  const image = await findBase(node, { platform, location, find })
  if (image !== undefined) checkPlatform(graph, node.base, { image, asked: platform, place: node.stage })
  const triggers = node.replaced
    ? []
    : parseTriggers(triggersOf(graph, node, image), graph.dockerfile, node.stage.range)
  const commands = node.replaced ? [] : [...triggers, ...node.stage.commands]
  const sources = new Map<Command, ReadonlyMap<string, SourceReference>>()
  const ofTriggers = triggerSources(triggers, { graph, node, location })
  for (const command of commands) {
    const found = graph.sources.get(command) ?? ofTriggers.get(command)
    if (found === undefined) continue
    for (const reference of found.values()) checkImageName(reference, () => location)
    sources.set(command, found)
  }
  const sourceImages = new Map<string, BaseImage>()
  await Promise.all(
    [...sources].flatMap(([command, found]) =>
      [...found.values()].map(async (reference) => {
        const name = imageNameOf(reference)
        if (name === undefined) return
        const place = triggers.includes(command) ? location : locate(graph.dockerfile, command.range)
        const source = await find(name, graph.platform, place)
        sourceImages.set(name, source)
        checkPlatform(graph, reference, { image: source, asked: graph.platform, place: command })
      }),
    ),
  )
  return {
    node,
    platform,
    ...(image && { image }),
    commands,
    triggerCount: triggers.length,
    sources,
    sourceImages,
  }
}

/** An image that a named context stands for was chosen by hand, whatever it is made for. */
function checkPlatform(
  { checks }: StageGraph,
  reference: SourceReference,
  how: { readonly image: BaseImage; readonly asked: Platform; readonly place: CheckPlace },
): void {
  if (checks === undefined || reference.kind !== 'image') return
  checkBasePlatform(how.image, { ...how, name: reference.name }, checks)
}

/** Name to look an image up by, when the reference is one. */
function imageNameOf(reference: SourceReference): string | undefined {
  if (reference.kind === 'image') return reference.name
  if (reference.kind === 'namedContext' && reference.context.kind === 'image') return reference.context.name
  return undefined
}

/** A stage has the platform of its parent; `scratch` has that of the build, whatever FROM says. */
function platformOf(graph: StageGraph, node: StageNode): Platform {
  let root = node
  while (root.base.kind === 'stage') root = graph.nodes[root.base.stage]!
  return (root.base.kind === 'scratch' ? undefined : root.platform) ?? graph.platform
}

async function findBase(
  node: StageNode,
  how: { readonly platform: Platform; readonly location: SourceLocation; readonly find: FindImage },
): Promise<BaseImage | undefined> {
  const name = imageNameOf(node.base)
  return name === undefined ? undefined : how.find(name, how.platform, how.location)
}

/** ONBUILD of the parent stage as written there, or those of the image. */
function triggersOf(graph: StageGraph, node: StageNode, image: BaseImage | undefined): readonly string[] {
  if (node.base.kind !== 'stage') return image?.config.config?.OnBuild ?? []
  const parent = graph.nodes[node.base.stage]!
  if (parent.replaced) return []
  return parent.stage.commands.flatMap((command) => (command.kind === 'onbuild' ? [command.trigger] : []))
}

type FindImage = PlanOptions['resolveImage']

function imageCache(
  { resolveImage }: Pick<PlanOptions, 'resolveImage'>,
  stages: readonly string[],
): FindImage {
  const asked = new Map<string, Promise<BaseImage>>()
  return (name, platform, location) => {
    const key = JSON.stringify([name, platform])
    const found =
      asked.get(key) ??
      resolveImage(name, platform, location).catch((error: unknown) => {
        throw didYouMean(error, name, stages)
      })
    asked.set(key, found)
    return found
  }
}
