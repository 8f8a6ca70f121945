import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { Command } from '../instructions/commands.js'
import { mountFrom } from '../steps/mount-from.js'
import { at } from './at.js'
import { findNamedContext } from './named-context.js'
import type { SourceReference, StageGraph } from './stage-graph.js'

type Names = Pick<StageGraph, 'nodes' | 'byName' | 'namedContexts' | 'expander'>

/**
 * What the command takes files from, by the text of its `from`: a stage by name (COPY: by number too), a named
 * context, else an image.
 * @throws E_DF_STAGE_REF
 */
export function sourceReferences(
  command: Command,
  names: Names,
  location: SourceLocation,
): ReadonlyMap<string, SourceReference> {
  const found = new Map<string, SourceReference>()
  if (command.kind === 'copy' && command.from !== undefined && command.from !== '') {
    found.set(command.from, copySource(command.from, names, location))
  }
  if (command.kind === 'run') {
    for (const mount of command.mounts) {
      const from = mountFrom(mount)
      if (from === undefined) continue
      found.set(from, byName(from, names))
    }
  }
  return found
}

function copySource(from: string, names: Names, location: SourceLocation): SourceReference {
  if (at(location, () => names.expander.word(from, new Map())) !== from) {
    throw new CooperageError(
      'E_DF_STAGE_REF',
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
      { location, hint: `write "FROM ${from} AS name" above, and --from=name here`, data: { from } },
    )
  }
  if (!/^[+-]?\d+$/.test(from)) return byName(from, names)
  const stage = Number(from)
  if (stage >= 0 && stage < names.nodes.length) return stageOrContext(stage, names)
  throw new CooperageError('E_DF_STAGE_REF', `invalid stage index ${stage}`, {
    location,
    hint: `stages are numbered from 0 to ${names.nodes.length - 1}`,
    data: { from, stages: names.nodes.map((node) => node.shownName) },
  })
}

function byName(from: string, names: Names): SourceReference {
  const stage = names.byName.get(from.toLowerCase())
  if (stage !== undefined) return stageOrContext(stage, names)
  if (from === 'scratch') return { kind: 'scratch' }
  const context = findNamedContext(names.namedContexts, from)
  return context === undefined ? { kind: 'image', name: from } : { kind: 'namedContext', context }
}

/** A stage that a directory replaces has no tree of its own: its files are those of the directory. */
function stageOrContext(index: number, names: Names): SourceReference {
  const { base, replaced } = names.nodes[index]!
  const isDirectory = replaced && base.kind === 'namedContext' && base.context.kind === 'directory'
  return isDirectory ? base : { kind: 'stage', stage: index }
}
