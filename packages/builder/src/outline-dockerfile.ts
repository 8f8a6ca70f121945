import { posix } from 'node:path'
import type { SourceLocation } from '@cooperage/store'
import { locate } from './dockerfile/source-text.js'
import type { InspectOptions } from './inspect-options.js'
import type { ArgCommand } from './instructions/commands.js'
import { parseDockerfile } from './parse-dockerfile.js'
import { assumedPlanOptions } from './plan/assumed-plan-options.js'
import { type EvaluatedStage, evaluateStages } from './plan/evaluate-stages.js'
import type { Operation, RunMount, RunOperation } from './plan/plan.js'
import { sourceTexts } from './plan/source-texts.js'
import type { StageGraph } from './plan/stage-graph.js'

/** What a build of one target takes from outside. */
export interface DockerfileOutline {
  /** Of the target, in lower case; empty when it has none. */
  readonly name: string
  readonly description: string
  readonly args: readonly OutlineArg[]
  readonly secrets: readonly OutlineMount[]
  readonly ssh: readonly OutlineMount[]
  readonly caches: readonly OutlineMount[]
}

export interface OutlineArg {
  readonly name: string
  /** What the comment above says of it; may be empty. */
  readonly description: string
  /** What it would have now; absent when nothing gives it a value. */
  readonly value?: string
  readonly location: SourceLocation
}

export interface OutlineMount {
  readonly id: string
  readonly required: boolean
  readonly location: SourceLocation
}

/**
 * Arguments, secrets, SSH sockets and cache folders that the target and the stages it needs can use, each once, in the
 * order of the file. @throws E_DF_…, E_LIMIT, and what `findImage` throws
 */
export async function outlineDockerfile(
  text: string | Uint8Array,
  options: InspectOptions = {},
): Promise<DockerfileOutline> {
  const dockerfile = parseDockerfile(text, options.name === undefined ? {} : { name: options.name })
  const { graph, stages } = await evaluateStages(dockerfile, assumedPlanOptions(options))
  const { name, description } = graph.nodes[graph.target]!.stage
  const mounts = (type: RunMount['type'], idOf: (mount: RunMount) => string) => mountsOf(stages, type, idOf)
  return {
    name,
    description,
    args: argsOf(graph, stages),
    secrets: mounts('secret', (mount) => mount.id || posix.basename(mount.target)),
    ssh: mounts('ssh', (mount) => mount.id || 'default'),
    caches: mounts('cache', (mount) => mount.id || mount.target),
  }
}

function argsOf(graph: StageGraph, stages: readonly EvaluatedStage[]): readonly OutlineArg[] {
  const found = new Map<string, OutlineArg>()
  const add = (command: ArgCommand, valueFor: (name: string) => string | undefined) => {
    for (const { key, description } of command.args) {
      const before = found.get(key)
      const value = before?.value ?? valueFor(key)
      found.set(key, {
        name: key,
        description: before?.description || description,
        ...(value !== undefined && { value }),
        location: before?.location ?? locate(graph.dockerfile, command.range),
      })
    }
  }
  const { globalArgs } = graph.dockerfile
  const used = new Set(stages.flatMap((stage) => [...usedGlobally(graph, stage)]))
  for (const command of globalArgs) {
    const args = command.args.filter(({ key }) => used.has(key))
    if (args.length > 0) add({ ...command, args }, (name) => graph.globalArgs.get(name))
  }
  for (const { reached, state } of stages) {
    const values = new Map(state.args.map(({ key, value }) => [key, value]))
    for (const command of reached.commands.slice(reached.triggerCount)) {
      if (command.kind === 'arg') add(command, (name) => values.get(name))
    }
  }
  return [...found.values()]
}

/** Arguments above the first FROM that matter to this stage: named in its FROM or a `--from`, or declared again. */
function usedGlobally({ expander, globalArgs }: StageGraph, { reached }: EvaluatedStage): Set<string> {
  const { baseName, platform } = reached.node.stage
  const sources = reached.commands.flatMap((command) => sourceTexts(command, expander))
  const froms = sources.filter(({ expands }) => expands).map(({ from }) => from)
  const words = [baseName, platform, ...froms].map((word) => expander.match(word, globalArgs))
  const declared = reached.commands.flatMap((command) => (command.kind === 'arg' ? command.args : []))
  return new Set([
    ...words.flatMap(({ matched, unmatched }) => [...matched, ...unmatched]),
    ...declared.map(({ key }) => key),
  ])
}

function mountsOf(
  stages: readonly EvaluatedStage[],
  type: RunMount['type'],
  idOf: (mount: RunMount) => string,
): readonly OutlineMount[] {
  const found = new Map<string, OutlineMount>()
  for (const { location, mounts } of stages.flatMap(({ state }) => state.operations).filter(isRun)) {
    for (const mount of mounts.filter((one) => one.type === type)) {
      const id = idOf(mount)
      const before = found.get(id)
      const required = mount.required || before?.required === true
      found.set(id, { id, required, location: before?.location ?? location })
    }
  }
  return [...found.values()]
}

function isRun(operation: Operation): operation is RunOperation {
  return operation.kind === 'run'
}
