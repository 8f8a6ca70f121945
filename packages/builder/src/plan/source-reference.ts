import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { Command } from '../instructions/commands.js'
import { checkPortable } from '../lint/check-portable.js'
import type { Checks } from '../lint/checks.js'
import { at } from './at.js'
import { findNamedContext } from './named-context.js'
import type { SourceArgs } from './source-args.js'
import { sourceTexts } from './source-texts.js'
import type { SourceReference, StageGraph } from './stage-graph.js'

/** What a `from` can name. */
export type SourceNames = Pick<StageGraph, 'nodes' | 'byName' | 'namedContexts' | 'expander'>

/** Where a command stands, and what it may use there. */
export interface SourcePlace {
  readonly location: SourceLocation
  readonly args: SourceArgs
  readonly checks?: Checks
}

/**
 * What the command takes files from, by the text of its `from`: a stage by name (COPY: by number too), a named
 * context, else an image. Variables are replaced.
 * @throws E_DF_STAGE_REF, E_DF_VAR
 */
export function sourceReferences(
  command: Command,
  names: SourceNames,
  place: SourcePlace,
): ReadonlyMap<string, SourceReference> {
  const { location, args, checks } = place
  const found = new Map<string, SourceReference>()
  for (const { from, expands } of at(location, () => sourceTexts(command, names.expander))) {
    if (expands && checks !== undefined) checkPortable(from, { place: command, checks })
    const name = expands ? at(location, () => args.expand(from)) : from
    const isNumber = command.kind === 'copy' && /^[+-]?\d+$/.test(name)
    found.set(from, isNumber ? byNumber(name, names, location) : byName(name, names))
  }
  return found
}

function byNumber(from: string, names: SourceNames, location: SourceLocation): SourceReference {
  const stage = Number(from)
  if (stage >= 0 && stage < names.nodes.length) return stageOrContext(stage, names)
  throw new CooperageError('E_DF_STAGE_REF', `invalid stage index ${stage}`, {
    location,
    hint: `stages are numbered from 0 to ${names.nodes.length - 1}`,
    data: { from, stages: names.nodes.map((node) => node.shownName) },
  })
}

function byName(from: string, names: SourceNames): SourceReference {
  const stage = names.byName.get(from.toLowerCase())
  if (stage !== undefined) return stageOrContext(stage, names)
  if (from === 'scratch') return { kind: 'scratch' }
  const context = findNamedContext(names.namedContexts, from)
  return context === undefined ? { kind: 'image', name: from } : { kind: 'namedContext', context }
}

/** A stage that a directory replaces has no tree of its own: its files are those of the directory. */
function stageOrContext(index: number, names: SourceNames): SourceReference {
  const { base, replaced } = names.nodes[index]!
  const isDirectory = replaced && base.kind === 'namedContext' && base.context.kind === 'directory'
  return isDirectory ? base : { kind: 'stage', stage: index }
}
