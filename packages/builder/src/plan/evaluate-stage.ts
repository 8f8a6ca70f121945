import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { IgnoreMatcher } from '../context/ignore/create-ignore-matcher.js'
import { goQuote } from '../dockerfile/go-quote.js'
import { locate } from '../dockerfile/source-text.js'
import type { Command } from '../instructions/commands.js'
import { checkWord } from '../lint/check-words.js'
import { StageChecks } from '../lint/stage-checks.js'
import { effectOf } from '../steps/dispatch.js'
import { imagePath } from '../steps/image-path.js'
import type { LineScope, StepContext } from '../steps/step-context.js'
import { absolutePath } from '../steps/unix-path.js'
import { at } from './at.js'
import type { Budget } from './budget.js'
import { finishConfig } from './finish-config.js'
import type { CopySource, PlannedStage, StageBase } from './plan.js'
import { platformLabel } from './platform-label.js'
import { needsOf, type ReachedStage } from './reach-stages.js'
import type { StageGraph } from './stage-graph.js'
import { applyEffect, type StageState } from './stage-state.js'
import { childState, imageState, replacedState, scratchState } from './start-state.js'
import { countSteps, vertexText } from './step-count.js'

/** What one inherited variable, label, port or argument costs of the budget: each is copied into the stage. */
const ENTRY_COST = 16

/**
 * The state of a stage after all its instructions. `states` holds the stages before it.
 * @throws errors of the Dockerfile with their lines, E_LIMIT
 */
export function evaluateStage(
  graph: StageGraph,
  reached: ReachedStage,
  before: {
    readonly states: ReadonlyMap<number, StageState>
    readonly budget: Budget
    readonly ignore?: IgnoreMatcher | undefined
  },
): StageState {
  const state = startOf(graph, reached, before.states)
  const inherited = state.variables.size + state.labels.size + state.ports.size + state.args.length
  at(locate(graph.dockerfile, reached.node.stage.range), () => before.budget.spend(inherited * ENTRY_COST))
  const judges = graph.checks && new StageChecks(graph.checks, before.ignore)
  for (const [index, command] of reached.commands.entries()) {
    const range = index < reached.triggerCount ? reached.node.stage.range : command.range
    const location = locate(graph.dockerfile, range)
    at(location, () => {
      const context = contextOf({ graph, reached, state, command, location })
      const effect = effectOf(command, context)
      const { expander } = graph
      judges?.judge({ command, place: command, context, effect, expander, workdirSet: state.workdirSet })
      const vertex = vertexText(command, { expander, variables: state.variables })
      applyEffect(state, effect, { budget: before.budget, platform: reached.platform, vertex })
    })
  }
  return state
}

/** The stage as the plan has it. */
export function plannedStage(
  graph: StageGraph,
  reached: ReachedStage,
  how: { readonly state: StageState; readonly labels: Readonly<Record<string, string>> },
): PlannedStage {
  const { node } = reached
  const isTarget = node.index === graph.target
  const asked = isTarget && !graph.platformIsImplicit ? graph.platform : undefined
  return {
    index: node.index,
    name: node.stage.name,
    base: stageBase(reached),
    platform: reached.platform,
    operations: how.state.operations,
    vertices: how.state.vertices,
    counted: countSteps(graph, reached),
    platformLabels: how.state.platformLabels,
    config: finishConfig(how.state, isTarget ? how.labels : {}, asked),
    history: how.state.history,
    needs: needsOf(reached),
  }
}

function startOf(
  graph: StageGraph,
  reached: ReachedStage,
  states: ReadonlyMap<number, StageState>,
): StageState {
  if (reached.image !== undefined) return imageState(reached.image)
  const { base, replaced } = reached.node
  if (base.kind === 'stage') return childState(states.get(base.stage)!)
  const state = replaced ? replacedState(graph.platform) : scratchState(graph.platform)
  if (base.kind === 'namedContext') startFromDirectory(state, base.context.name, { graph, reached })
  return state
}

/** An image without a config that has one layer: the files of the context. */
function startFromDirectory(
  state: StageState,
  name: string,
  { graph, reached }: { readonly graph: StageGraph; readonly reached: ReachedStage },
): void {
  const location = locate(graph.dockerfile, reached.node.stage.range)
  state.operations.push({ kind: 'context', name, text: `FROM ${name}`, location })
  state.vertices.push('')
  state.platformLabels.push(platformLabel(reached.platform, state.variables))
}

function stageBase({ image, node }: ReachedStage): StageBase {
  if (image !== undefined) return { kind: 'image', image }
  return node.base.kind === 'stage' ? { kind: 'stage', stage: node.base.stage } : { kind: 'scratch' }
}

interface ContextInput {
  readonly graph: StageGraph
  readonly reached: ReachedStage
  readonly state: StageState
  readonly command: Command
  readonly location: SourceLocation
}

function contextOf(input: ContextInput): StepContext {
  const { graph, state, location } = input
  const { expander } = graph
  return {
    config: state.config,
    variables: state.variables,
    args: state.args,
    cmdSet: state.cmdSet,
    os: state.image.os,
    workdir: absolutePath('/', imagePath(state.config.WorkingDir ?? '/', state.image.os)),
    location,
    buildArgs: graph.buildArgs,
    globalArgs: graph.globalArgs,
    word: (text, line) => {
      const expansion = expander.match(text, line?.variables ?? state.variables)
      judgeWord(expansion.unmatched, line, input)
      return expansion.text
    },
    words: (text) => expander.words(text, state.variables),
    document: (text) => {
      const expansion = expander.matchDocument(text, state.variables)
      judgeWord(expansion.unmatched, undefined, input)
      return expansion.text
    },
    source: (from) => sourceOf(from, input),
  }
}

function* namesSeen({ variables }: StageState, line: LineScope | undefined): Iterable<string> {
  yield* variables.keys()
  if (line !== undefined) yield* line.variables.keys()
}

/** Of an image that nobody knows, a variable may be defined: only what is certain is reported. */
function judgeWord(
  unmatched: ReadonlySet<string>,
  line: LineScope | undefined,
  { graph: { checks }, state, command }: ContextInput,
): void {
  if (checks === undefined || !state.baseKnown || unmatched.size === 0) return
  const isDeclared = (name: string) =>
    state.argNames.has(name) || line?.args.some(({ key }) => key === name) === true
  checkWord(unmatched, { variables: namesSeen(state, line), isDeclared }, { place: command, checks })
}

function sourceOf(from: string, { graph, reached, command, location }: ContextInput): CopySource {
  const reference = reached.sources.get(command)?.get(from)
  if (reference === undefined || reference.kind === 'scratch') return { kind: 'scratch' }
  if (reference.kind === 'stage') {
    if (reference.stage < reached.node.index) return { kind: 'stage', stage: reference.stage }
    throw new CooperageError(
      'E_DF_STAGE_REF',
      command.kind === 'run'
        ? `cannot mount from stage ${goQuote(from)}, stage needs to be defined before current command`
        : `cannot copy from stage ${goQuote(from)}, it needs to be defined before current stage ${goQuote(reached.node.shownName)}`,
      { location, hint: `move ${graph.nodes[reference.stage]!.shownName} up`, data: { from } },
    )
  }
  if (reference.kind === 'namedContext' && reference.context.kind === 'directory') {
    return { kind: 'namedContext', name: reference.context.name }
  }
  const name = reference.kind === 'image' ? reference.name : reference.context.name
  return { kind: 'image', image: reached.sourceImages.get(name)! }
}
