import { locate } from '../dockerfile/source-text.js'
import type { Command, Dockerfile } from '../instructions/commands.js'
import type { Checks } from '../lint/checks.js'
import { at } from './at.js'
import { Budget } from './budget.js'
import { type SharedArgs, SourceArgs } from './source-args.js'
import { type SourceNames, sourceReferences } from './source-reference.js'
import type { SourceReference } from './stage-graph.js'

/** What one inherited argument costs of the budget: each is copied into the stage. */
const ENTRY_COST = 4

/** What every command of the file takes files from, and the arguments that the triggers of a stage start with. */
export interface Links {
  readonly sources: ReadonlyMap<Command, ReadonlyMap<string, SourceReference>>
  /** By the number of the stage: what a stage that starts from it may use in `--from`. */
  readonly argsAfter: ReadonlyMap<number, SourceArgs>
}

/**
 * Links the commands of all stages to what they take files from.
 * @throws E_DF_STAGE_REF, E_DF_VAR, E_LIMIT
 */
export function linkSources(dockerfile: Dockerfile, names: SourceNames & SharedArgs, checks?: Checks): Links {
  const sources = new Map<Command, ReadonlyMap<string, SourceReference>>()
  const argsAfter = new Map<number, SourceArgs>()
  const budget = new Budget()
  const none = new SourceArgs(names)
  const isUsed = names.nodes.some(({ stage }) => stage.commands.some(mayExpand))
  for (const { index, base, stage, replaced } of names.nodes) {
    const below = base.kind === 'stage' ? argsAfter.get(base.stage) : undefined
    at(locate(dockerfile, stage.range), () => budget.spend((below?.size ?? 0) * ENTRY_COST))
    const args = isUsed ? new SourceArgs(names, below) : none
    for (const command of stage.commands) {
      const location = locate(dockerfile, command.range)
      const found = sourceReferences(command, names, { location, args, ...(checks && { checks }) })
      if (found.size > 0) sources.set(command, found)
      if (isUsed) args.read(command)
    }
    if (isUsed && !replaced) argsAfter.set(index, args)
  }
  return { sources, argsAfter }
}

/** Whether a command may have a variable in its `from`. In most files none has, and nothing is read for them. */
function mayExpand({ text }: Command): boolean {
  return text.includes('$') && /from=/i.test(text)
}
