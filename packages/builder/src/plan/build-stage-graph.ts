import { CooperageError, normalizePlatform } from '@cooperage/store'
import { goQuote } from '../dockerfile/go-quote.js'
import { locate } from '../dockerfile/source-text.js'
import type { Dockerfile } from '../instructions/commands.js'
import { suggestion } from '../instructions/suggest.js'
import { checkDefaults } from '../lint/check-from.js'
import { checkStages } from '../lint/check-stages.js'
import type { Checks } from '../lint/checks.js'
import { at } from './at.js'
import { checkImageName } from './check-image-name.js'
import { refuseCycles } from './cycles.js'
import { epochSource } from './epoch-source.js'
import { createExpander } from './expander.js'
import { declareGlobalArgs, predefinedArgs } from './global-args.js'
import { linkSources } from './link-sources.js'
import type { GraphOptions } from './plan-options.js'
import type { StageGraph, StageNode } from './stage-graph.js'
import { stageNodes } from './stage-nodes.js'

/**
 * Evaluates all FROMs and links stages, named contexts and images; checks what can be checked without an image.
 * @throws E_DF_TARGET, E_DF_STAGE_REF, E_DF_VAR, E_DF_CYCLE, E_DF_EMPTY_REF, E_DF_PLATFORM, E_DF_REF, E_DF_NO_FROM
 */
export function buildStageGraph(dockerfile: Dockerfile, options: GraphOptions, checks?: Checks): StageGraph {
  const last = dockerfile.stages.at(-1)
  if (last === undefined) {
    throw new CooperageError('E_DF_NO_FROM', 'dockerfile contains no stages to build', {
      hint: 'begin with FROM',
    })
  }
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}))
  const namedContexts = options.namedContexts ?? new Map()
  const buildPlatform = normalizePlatform(options.buildPlatform)
  const platform = options.platform ? normalizePlatform(options.platform) : buildPlatform
  const expander = createExpander(dockerfile.escape)
  const globalArgs = predefinedArgs({
    buildArgs,
    platform,
    buildPlatform,
    targetName: options.target ?? last.name,
  })
  if (checks !== undefined) {
    checkStages(dockerfile, checks)
    checkDefaults(dockerfile, { predefined: globalArgs, expander }, checks)
  }
  declareGlobalArgs(dockerfile.globalArgs, globalArgs, {
    buildArgs,
    expand: (text, command) => at(locate(dockerfile, command.range), () => expander.word(text, globalArgs)),
  })
  if (options.sourceDateEpoch !== undefined) {
    const resolved = options.sourceDateEpoch === null ? '' : String(options.sourceDateEpoch)
    const args = buildArgs.has('SOURCE_DATE_EPOCH') ? buildArgs : globalArgs
    args.set('SOURCE_DATE_EPOCH', resolved)
  }
  const epochText = buildArgs.get('SOURCE_DATE_EPOCH') ?? globalArgs.get('SOURCE_DATE_EPOCH') ?? ''
  const epoch = epochSource(epochText, dockerfile, { buildArgs, globalArgs, namedContexts, expander })
  const named = stageNodes(dockerfile, {
    globalArgs,
    buildPlatform,
    namedContexts,
    expander,
    ...(checks && { checks }),
  })
  const target = findTarget(options.target, named.nodes, named.byName)
  const names = { ...named, namedContexts, expander, dockerfile, globalArgs, buildArgs }
  const { sources, argsAfter } = linkSources(dockerfile, names, checks)
  refuseCycles(dockerfile, named.nodes, sources)
  for (const { base, stage } of named.nodes) checkImageName(base, () => locate(dockerfile, stage.range))
  for (const [command, found] of sources) {
    for (const source of found.values()) checkImageName(source, () => locate(dockerfile, command.range))
  }
  return {
    ...names,
    target,
    platform,
    platformIsImplicit: options.platform === undefined,
    sources,
    argsAfter,
    ...(checks && { checks }),
    epoch,
  }
}

function findTarget(
  target: string | undefined,
  nodes: readonly StageNode[],
  byName: ReadonlyMap<string, number>,
): number {
  if (target === undefined || target === '') return nodes.length - 1
  const found = byName.get(target.toLowerCase())
  if (found !== undefined) return found
  const names = nodes.map((node) => node.shownName)
  throw new CooperageError(
    'E_DF_TARGET',
    `target stage ${goQuote(target)} could not be found${suggestion(target, names)}`,
    {
      hint: `the stages with a name are: ${[...byName.keys()].join(', ') || 'none'}`,
      data: { target, stages: names },
    },
  )
}
