import type { Digest } from '@cooperage/store'
import { withLocation } from '../located.js'
import type { CopySource, Operation, PlannedStage } from '../plan/plan.js'
import { addRemoteStep } from './add-remote-step.js'
import { contextStep } from './context-step.js'
import type { CopySourceTree } from './copy-source.js'
import { copyStep } from './copy-step.js'
import type { FileSystem } from './file-system.js'
import { mkdirStep } from './mkdir-step.js'
import { runStep } from './run-step.js'
import type { StepContext, StepOutcome } from './step.js'
import type { StepEnvironment } from './step-environment.js'
import { stepName } from './step-name.js'

/** A stage after its execution. */
export interface ExecutedStage {
  readonly plan: PlannedStage
  readonly fileSystem: FileSystem
  /** One for each operation of the plan. */
  readonly outcomes: readonly StepOutcome[]
  /** True when images of several platforms are made. */
  readonly isMulti: boolean
}

export interface StageContext {
  readonly environment: StepEnvironment
  readonly base: FileSystem
  readonly useCache: boolean
  /** True when the Dockerfile has one stage without a name: steps then carry no stage's name. */
  readonly isOnlyStage: boolean
  /** True when images of several platforms are made: steps then carry the name of theirs. */
  readonly isMulti: boolean
  readonly source: (from: CopySource) => Promise<CopySourceTree>
}

/** Executes the operations of a stage one after the other. */
export async function executeStage(plan: PlannedStage, context: StageContext): Promise<ExecutedStage> {
  const { environment } = context
  let fileSystem = context.base
  const outcomes: StepOutcome[] = []
  for (const [index, operation] of plan.operations.entries()) {
    environment.signal.throwIfAborted()
    const platform = context.isMulti ? plan.platformLabels[index] : undefined
    const step = `stage-${plan.index}/${index}${platform === undefined ? '' : `/${platform}`}`
    const { isOnlyStage } = context
    const name = stepName(plan, { index, text: operation.text, isOnlyStage, platform })
    const outcome = await report(operation, { environment, step, name }, () =>
      executeOperation(operation, fileSystem, {
        environment,
        step,
        useCache: context.useCache,
        platform: plan.platform,
        source: context.source,
      }),
    )
    fileSystem = outcome.fileSystem
    outcomes.push(outcome)
  }
  return { plan, fileSystem, outcomes, isMulti: context.isMulti }
}

async function executeOperation(
  operation: Operation,
  below: FileSystem,
  context: StepContext & Pick<StageContext, 'source'>,
): Promise<StepOutcome> {
  switch (operation.kind) {
    case 'context': {
      const source = await context.source({ kind: 'namedContext', name: operation.name })
      return contextStep(operation, below, { ...context, source })
    }
    case 'copy':
      return copyStep(operation, below, { ...context, source: await context.source(operation.from) })
    case 'mkdir':
      return mkdirStep(operation, below, context)
    case 'add-remote':
      return addRemoteStep(operation, below, context)
    case 'run':
      return runStep(operation, below, context)
  }
}

interface Reported {
  readonly environment: StepEnvironment
  readonly step: string
  readonly name: string
}

async function report(
  operation: Operation,
  reported: Reported,
  work: () => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const { environment, step, name } = reported
  const { emit, counters } = environment
  emit({ type: 'step.start', step, name, inputs: [], location: operation.location, at: Date.now() })
  try {
    const outcome = await work()
    counters.steps++
    if (outcome.cached) counters.cached++
    emit({
      type: 'step.end',
      step,
      outcome: outcome.cached ? 'cached' : 'done',
      diffId: outcome.diffId as Digest,
      at: Date.now(),
    })
    return outcome
  } catch (error) {
    const canceled = environment.signal.aborted
    // A step that was stopped has the error of whoever stopped it.
    const said = canceled ? {} : { error: error instanceof Error ? error.message : String(error) }
    emit({ type: 'step.end', step, outcome: canceled ? 'canceled' : 'failed', ...said, at: Date.now() })
    throw canceled ? error : withLocation(error, operation.location)
  }
}
