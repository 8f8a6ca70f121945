import type { Digest } from '@cooperage/store'
import type { BaseImage, CopySource, Plan, PlannedStage } from '../plan/plan.js'
import type { CopySourceTree } from './copy-source.js'
import { type ExecutedStage, executeStage } from './execute-stage.js'
import { FileDigests } from './file-digests.js'
import { FileSystem } from './file-system.js'
import { stageIdentities } from './stage-identity.js'
import type { StepEnvironment } from './step-environment.js'

export interface ExecutionContext {
  readonly environment: StepEnvironment
  readonly useCache: (stage: PlannedStage) => boolean
  /** The main context (no name) or one given with `--build-context`. Read when first asked for. */
  readonly context: (name: string | undefined) => Promise<CopySourceTree>
  /** The layers of a base image. */
  readonly baseImage: (image: BaseImage) => Promise<FileSystem>
  /** How many stages may be at work at once. */
  readonly jobs: number
  /** Called with the first error, so that the others can be stopped through the signal. */
  readonly onFailure: (error: unknown) => void
  /** True when images of several platforms are made: steps are named after theirs. */
  readonly isMulti: boolean
}

/** The executed stages of a plan by index, the target among them. */
export type ExecutedStages = ReadonlyMap<number, ExecutedStage>

/**
 * Executes what the targets of all plans need: stages that do not depend on one another side by side, and stages that
 * are the same in several plans once. After the first error nothing new begins, and it is that error that is thrown,
 * once all have ended.
 */
export async function executePlans(
  plans: readonly Plan[],
  execution: ExecutionContext,
): Promise<readonly ExecutedStages[]> {
  const slots = new Slots(execution.jobs)
  const shared = new Map<Digest, Promise<ExecutedStage>>()
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): never => {
    if (failure === undefined) {
      failure = { error }
      execution.onFailure(error)
    }
    throw error
  }
  const once = (identity: Digest, work: () => Promise<ExecutedStage>): Promise<ExecutedStage> => {
    const known = shared.get(identity)
    if (known !== undefined) return known
    const started = work().catch(fail)
    shared.set(identity, started)
    return started
  }
  const results = await Promise.allSettled(plans.map((plan) => executePlan(plan, { execution, slots, once })))
  if (failure !== undefined) throw failure.error
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

interface SharedExecution {
  readonly execution: ExecutionContext
  readonly slots: Slots
  readonly once: (identity: Digest, work: () => Promise<ExecutedStage>) => Promise<ExecutedStage>
}

async function executePlan(plan: Plan, { execution, slots, once }: SharedExecution): Promise<ExecutedStages> {
  const { environment } = execution
  const identities = stageIdentities(plan)
  const isOnlyStage = plan.stages.size === 1
  const running = new Map<number, Promise<ExecutedStage>>()
  const done = new Map<number, ExecutedStage>()

  const run = (index: number): Promise<ExecutedStage> => {
    const known = running.get(index)
    if (known !== undefined) return known
    const stage = plan.stages.get(index)!
    const started = once(identities.get(index)!, () => start(stage)).then((executed) => {
      // Its config and history are those of this plan, whichever of them executed it.
      const own = executed.plan === stage ? executed : { ...executed, plan: stage }
      done.set(index, own)
      return own
    })
    running.set(index, started)
    return started
  }
  const settled = await Promise.allSettled([...plan.stages.keys()].map(run))
  for (const one of settled) if (one.status === 'rejected') throw one.reason
  return done

  async function start(stage: PlannedStage): Promise<ExecutedStage> {
    await Promise.all(stage.needs.map((index) => run(index)))
    return slots.use(async () =>
      executeStage(stage, {
        environment,
        base: await baseOf(stage),
        useCache: execution.useCache(stage),
        isOnlyStage: isOnlyStage && stage.index === 0,
        isMulti: execution.isMulti,
        source,
      }),
    )
  }

  async function baseOf(stage: PlannedStage): Promise<FileSystem> {
    switch (stage.base.kind) {
      case 'scratch':
        return FileSystem.empty()
      case 'stage':
        return (await run(stage.base.stage)).fileSystem
      case 'image':
        return execution.baseImage(stage.base.image)
    }
  }

  async function source(from: CopySource): Promise<CopySourceTree> {
    switch (from.kind) {
      case 'context':
        return execution.context(undefined)
      case 'namedContext':
        return execution.context(from.name)
      case 'stage':
        return sourceOf((await run(from.stage)).fileSystem)
      case 'image':
        return sourceOf(await execution.baseImage(from.image))
      case 'scratch':
        return sourceOf(FileSystem.empty())
    }
  }

  function sourceOf(fileSystem: FileSystem): CopySourceTree {
    return {
      tree: () => fileSystem.tree(),
      identity: fileSystem.chainId,
      digests: new FileDigests(environment),
    }
  }
}

/** A counted door: at most so many are inside, the others wait in order. */
class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = Math.max(1, count)
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next !== undefined) next()
      else this.#free++
    }
  }
}
