import { CooperageError, type Platform, type SourceLocation } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import type { Dockerfile, Stage } from '../instructions/commands.js'
import { suggestion } from '../instructions/suggest.js'
import { checkFromPlatform, checkFromVariables } from '../lint/check-from.js'
import type { Checks } from '../lint/checks.js'
import { at } from './at.js'
import type { Expander } from './expander.js'
import { parseImageName } from './image-name.js'
import { findNamedContext } from './named-context.js'
import type { NamedContextKind } from './plan-options.js'
import { parsePlatform } from './platform.js'
import type { BaseReference, StageNode } from './stage-graph.js'

export interface NodesInput {
  readonly globalArgs: ReadonlyMap<string, string>
  readonly buildPlatform: Platform
  readonly namedContexts: ReadonlyMap<string, NamedContextKind>
  readonly expander: Expander
  readonly checks?: Checks
}

/** The stages of the file with their FROM evaluated, all of them, and their indices by name in lower case. */
export function stageNodes(
  dockerfile: Dockerfile,
  input: NodesInput,
): { readonly nodes: readonly StageNode[]; readonly byName: ReadonlyMap<string, number> } {
  const nodes: StageNode[] = []
  const byName = new Map<string, number>()
  for (const [index, stage] of dockerfile.stages.entries()) {
    const location = locate(dockerfile, stage.range)
    const expanded = at(location, () => input.expander.match(stage.baseName, input.globalArgs))
    const { checks } = input
    if (checks !== undefined)
      checkFromVariables(stage, { expanded, known: usableArgs(dockerfile, input) }, checks)
    const baseName = expanded.text
    if (baseName === '') throw blankBase(stage, dockerfile)
    const platform = stage.platform === '' ? undefined : stagePlatform(stage, dockerfile, input)
    if (stage.name !== '') checkContextName(stage.name, location)
    const replacement = stage.name === '' ? undefined : findNamedContext(input.namedContexts, stage.name)
    nodes.push({
      index,
      stage,
      baseName,
      base: replacement ? { kind: 'namedContext', context: replacement } : baseOf(baseName, byName, input),
      ...(platform && { platform }),
      replaced: replacement !== undefined,
      shownName: stage.name === '' ? `stage-${index}` : stage.name,
    })
    if (stage.name !== '') byName.set(stage.name.toLowerCase(), index)
  }
  return { nodes, byName }
}

/** Any stage can be replaced by a named context, so its name must be one that a context can have. */
function checkContextName(name: string, location: SourceLocation): void {
  const parsed = parseImageName(name)
  if ('reference' in parsed) return
  throw new CooperageError('E_DF_STAGE_NAME', `invalid context name ${name}: ${parsed.error}`, {
    location,
    hint: 'use letters, digits, and between two of them "-", "." or "_"',
    data: { name },
  })
}

/** Arguments that FROM may use: declared above the first one, with or without a value, and those of every file. */
function usableArgs({ globalArgs }: Dockerfile, input: NodesInput): readonly string[] {
  const declared = globalArgs.flatMap((command) => command.args.map(({ key }) => key))
  return [...new Set([...declared, ...input.globalArgs.keys()])]
}

/** An earlier stage (names are in lower case, and so must FROM be), `scratch`, a named context, an image. */
function baseOf(name: string, byName: ReadonlyMap<string, number>, input: NodesInput): BaseReference {
  const stage = byName.get(name)
  if (stage !== undefined) return { kind: 'stage', stage }
  if (name === 'scratch') return { kind: 'scratch' }
  const context = findNamedContext(input.namedContexts, name)
  return context === undefined ? { kind: 'image', name } : { kind: 'namedContext', context }
}

function blankBase(stage: Stage, dockerfile: Dockerfile): CooperageError {
  const names = [...stage.baseName.matchAll(/\$\{?(\w+)/g)].map((match) => match[1]!)
  const declare = names.map((name) => `ARG ${name}=…`).join(' and ')
  return new CooperageError('E_DF_EMPTY_REF', `base name (${stage.baseName}) should not be blank`, {
    location: locate(dockerfile, stage.range),
    ...(names.length > 0 && {
      hint: `give a value with ${declare} above the first FROM, or with --build-arg`,
    }),
    data: { variables: names },
  })
}

function stagePlatform(stage: Stage, dockerfile: Dockerfile, input: NodesInput): Platform {
  const location = locate(dockerfile, stage.range)
  const fail = (message: string) =>
    new CooperageError('E_DF_PLATFORM', message, { location, data: { platform: stage.platform } })
  const expanded = at(location, () => {
    try {
      return input.expander.match(stage.platform, input.globalArgs)
    } catch (error) {
      if (error instanceof CooperageError) {
        throw fail(`failed to process arguments for platform : ${error.message}`)
      }
      throw error
    }
  })
  if (input.checks !== undefined) {
    checkFromVariables(stage, { expanded, known: usableArgs(dockerfile, input) }, input.checks)
    checkFromPlatform(stage, { ...input, expanded, host: input.buildPlatform }, input.checks)
  }
  const known = [...input.globalArgs.keys()]
  const meant =
    [...expanded.unmatched].map((name) => suggestion(name, known)).find((text) => text !== '') ?? ''
  if (expanded.text === '') throw fail(`empty platform value from expression ${stage.platform}${meant}`)
  const platform = parsePlatform(expanded.text, input.buildPlatform)
  if (typeof platform === 'string')
    throw fail(`failed to parse platform ${stage.platform}: ${platform}${meant}`)
  return platform
}
