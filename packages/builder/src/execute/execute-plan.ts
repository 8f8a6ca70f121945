import { withRootTime } from '../context/untold-root.js'
import type { BaseImage, CopySource, Plan, PlannedStage } from '../plan/plan.js'
import type { CopySourceTree } from './copy-source.js'
import { type ExecutedStage, executeStage } from './execute-stage.js'
import { FileDigests } from './file-digests.js'
import { FileSystem } from './file-system.js'
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
}

/**
 * Executes what the target needs: stages that do not depend on one another side by side. After the first error
 * nothing new begins, and it is that error that is thrown, once all have ended.
 * @returns the stages by index, the target among them
 */
export async function executePlan(
  plan: Plan,
  execution: ExecutionContext,
): Promise<Map<number, ExecutedStage>> {
  const { environment } = execution
  const running = new Map<number, Promise<ExecutedStage>>()
  const isOnlyStage = plan.stages.size === 1
  const slots = new Slots(execution.jobs)
  const done = new Map<number, ExecutedStage>()
  let failure: { readonly error: unknown } | undefined

  const run = (index: number): Promise<ExecutedStage> => {
    const known = running.get(index)
    if (known !== undefined) return known
    const started = start(plan.stages.get(index)!).catch((error: unknown) => {
      if (failure === undefined) {
        failure = { error }
        execution.onFailure(error)
      }
      throw error
    })
    running.set(index, started)
    return started
  }
  await Promise.allSettled([...plan.stages.keys()].map(run))
  if (failure !== undefined) throw failure.error
  return done

  async function start(stage: PlannedStage): Promise<ExecutedStage> {
    await Promise.all(stage.needs.map((index) => run(index)))
    return slots.use(async () => {
      const executed = await executeStage(stage, {
        environment,
        base: await baseOf(stage),
        useCache: execution.useCache(stage),
        isOnlyStage: isOnlyStage && stage.index === 0,
        source,
      })
      done.set(stage.index, executed)
      return executed
    })
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
      tree: async () => withRootTime(await fileSystem.tree(), environment.epoch ?? environment.now),
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
