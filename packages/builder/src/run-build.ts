import { type CooperageError, defaultPlatform, isCooperageError } from '@cooperage/store'
import { BaseImages } from './base/base-images.js'
import { type RegistryOpener, registryOpener } from './base/registry-opener.js'
import { BuildContexts } from './build-contexts.js'
import type { BuildOptions, BuildResult } from './build-options.js'
import { buildCaches } from './cache/shared/build-caches.js'
import { checkNamedContexts } from './check-named-contexts.js'
import { openHostContent } from './context/host-content.js'
import type { BuildEvent } from './events.js'
import { type ExecutedStages, executePlans } from './execute/execute-plan.js'
import type { StepEnvironment } from './execute/step-environment.js'
import { externalFrontend } from './external-frontend.js'
import { assembleImage } from './image/assemble-image.js'
import type { Dockerfile } from './instructions/commands.js'
import { checksOf } from './lint/checks-of.js'
import { parseChecked } from './lint/parse-checked.js'
import type { ResultImage } from './outputs/describe-result.js'
import { exportedPlatform } from './outputs/exported-platform.js'
import { fullName } from './outputs/full-name.js'
import { nameResult } from './outputs/name-result.js'
import { outputEpoch } from './outputs/output-epoch.js'
import type { OutputSpec } from './outputs/output-spec.js'
import { refuseOutputs } from './outputs/refuse-outputs.js'
import { resultOf } from './outputs/result-of.js'
import {
  describeOutcome,
  isKeptInStore,
  type OutputContext,
  type OutputResult,
  STORED_FORM,
  writeOutput,
} from './outputs/write-output.js'
import type { Plan, PlanWarning } from './plan/plan.js'
import { type PlatformPlans, planPlatforms } from './plan/plan-platforms.js'
import { formatPlatform } from './plan/platform.js'
import { requestedPlatforms } from './plan/requested-platforms.js'
import { refuseUnserved, runsOf } from './plan/unserved.js'
import { unusedBuildArgs } from './plan/unused-build-args.js'
import { writtenRun } from './plan/written-run.js'
import { readDockerfile } from './read-dockerfile.js'
import { RemoteSources } from './remote/remote-sources.js'
import { resolvedEpoch } from './resolve-epoch.js'
import { givenMounts } from './run/mounts/given-mounts.js'
import { needExecutor, needRuns } from './run/need-executor.js'
import { runSupport } from './run/run-support.js'
import { endHelpers } from './run/sandbox/helper/helper.js'
import { storeExecutor } from './run/store-executor.js'
import { openSecrets } from './secrets/open-secrets.js'
import { openSsh } from './secrets/open-ssh.js'
import { isInVain, startAgain } from './start-again.js'
import { withSource } from './with-source.js'

export interface BuildWires {
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

const DEFAULT_JOBS = 4

/** What stays when a build starts again: a tag stands for the same image in all of it. */
interface Kept {
  readonly registry: RegistryOpener | undefined
  readonly baseImages: BaseImages
  /** True once a part of an output may be on stdout, where no second one can take its place. */
  hasSpoken: boolean
}

/**
 * A build. When a file of the context changes while it is read, everything is looked at once more; and again for each
 * blob that turns out to be damaged.
 */
export async function runBuild(options: BuildOptions, wires: BuildWires): Promise<BuildResult> {
  try {
    return await repeatBuild(options, wires)
  } finally {
    await endHelpers()
  }
}

async function repeatBuild(options: BuildOptions, wires: BuildWires): Promise<BuildResult> {
  const registry = registryOpener(options)
  const baseImages = new BaseImages(options, { ...wires, registry })
  const kept: Kept = { registry, baseImages, hasSpoken: false }
  const tried = new Set<string>()
  let current = options
  let last: CooperageError | undefined
  for (;;) {
    try {
      return await attemptBuild(current, wires, kept)
    } catch (error) {
      if (last !== undefined && isInVain(error, tried)) throw last
      if (!isCooperageError(error) || kept.hasSpoken) throw error
      const again = startAgain(error, current, tried)
      if (again === undefined) throw error
      const message = `${error.message}; the build starts again`
      wires.emit({ type: 'warning', rule: again.rule, message, at: Date.now() })
      tried.add(again.reason)
      current = again.options
      last = error
    }
  }
}

/** One build from text to outputs: parse, plan, execute, assemble, write. Each part hands a value to the next. */
async function attemptBuild(options: BuildOptions, wires: BuildWires, kept: Kept): Promise<BuildResult> {
  const { baseImages, registry } = kept
  const failure = new AbortController()
  const signal = AbortSignal.any([wires.signal, failure.signal])
  signal.throwIfAborted()
  const tags = (options.tags ?? []).map(fullName)
  const { store, outputs: specs = [] } = options
  const requested = requestedPlatforms(options)
  refuseOutputs(specs, {
    ...requested,
    annotations: options.annotations ?? {},
    tags: options.tags ?? [],
    hasRegistry: registry !== undefined,
  })
  checkNamedContexts(options.buildContexts)
  const counters = { filesRead: 0, bytesRead: 0, steps: 0, cached: 0 }
  const secrets = await openSecrets(options.secrets)
  const ssh = await openSsh(options.ssh)
  const contexts = new BuildContexts(options, { signal, emit: wires.emit, secrets, ssh })
  const file = await readDockerfile(options, contexts)
  return withSource(file, async () => {
    const checks = checksOf(file, options.buildArgs)
    const run = runSupport({
      options: options.run ?? {},
      buildArgs: options.buildArgs ?? {},
      isGiven: givenMounts({ secrets: Object.keys(options.secrets ?? {}), ssh }),
      findExecutor: () => storeExecutor(store, { ...options.run, signal }),
    })
    const graph = {
      ...(options.target !== undefined && { target: options.target }),
      buildArgs: withEpoch(options),
      buildPlatform: defaultPlatform(),
      namedContexts: contexts.kinds(),
    }
    const remotes = new RemoteSources({
      store,
      remote: options.remote ?? {},
      secrets,
      ssh,
      signal,
      emit: wires.emit,
    })
    const warnings: PlanWarning[] = [...requested.warnings]
    let planned: PlatformPlans
    try {
      const dockerfile = parseChecked(file, checks)
      warnings.push(...externalFrontend(dockerfile, options), ...unusedArgs(dockerfile, options))
      // Whether a RUN that is written in the file can be run is known before even a base image is looked for.
      await needExecutor(writtenRun(dockerfile, graph), run)
      const epochWires = { dockerfile, contexts, remotes, blobs: store.blobs, signal, emit: wires.emit }
      planned = await planPlatforms(dockerfile, requested.list, {
        ...graph,
        ...(await resolvedEpoch(graph, epochWires)),
        labels: options.labels ?? {},
        resolveImage: (name, platform, location) => baseImages.resolve(name, platform, location),
        checks,
        ignore: () => contexts.ignore(),
        signal,
      })
    } finally {
      // Of a build that fails, what the checks found up to there is told as well.
      warnings.push(...checks.warnings)
      for (const warning of warnings) wires.emit({ type: 'warning', ...warning, at: Date.now() })
    }
    const { plans, places } = planned
    for (const plan of plans) refuseUnserved(plan)
    for (const plan of plans) await needRuns(runsOf(plan), run)
    await using caches = buildCaches(options, {
      registry,
      platform: plans[0]!.platform,
      signal,
      emit: wires.emit,
    })
    const environment: StepEnvironment = {
      store,
      openHost: openHostContent,
      signal,
      emit: wires.emit,
      epoch: outputEpoch(specs, plans[0]!.sourceDateEpoch),
      now: Math.floor(Date.now() / 1000),
      counters,
      remotes,
      secrets,
      ssh,
      run,
      running: new Map(),
      ...(caches.shared !== undefined && { shared: caches.shared }),
    }
    contexts.use(environment)
    try {
      const executed = await executePlans(plans, {
        environment,
        useCache: (stage) => !isNoCache(options.noCache, stage.name),
        context: (name) => contexts.source(name),
        baseImage: (image) => baseImages.fileSystem(image, environment),
        jobs: options.jobs ?? DEFAULT_JOBS,
        onFailure: (error) => failure.abort(error),
        isMulti: requested.isMulti,
      })
      const images: ResultImage[] = []
      for (const [index, stages] of executed.entries()) {
        const made = await resultImage(plans[index]!, stages, environment)
        images.push({ ...made, image: caches.carry(made.image) })
      }
      const context: OutputContext = {
        environment,
        images: places.map((place) => images[place]!),
        isMulti: requested.isMulti,
        tags,
        annotations: options.annotations ?? {},
        registry,
      }
      kept.hasSpoken = specs.some(({ destination }) => destination === '-')
      const outputs = await writeOutputs(specs, context)
      const stored =
        outputs.find(({ manifests }) => manifests) ?? (await describeStored(context, specs.length > 0))
      await nameTags(context, specs)
      await caches.write(
        images.map(({ image }) => image),
        environment,
      )
      return {
        ...resultOf(context, stored),
        tags,
        outputs: outputs.map(({ manifests: _, ...output }) => output),
        warnings,
        stats: { ...counters, ...contexts.totals() },
      }
    } finally {
      await contexts.save()
    }
  })
}

function unusedArgs(dockerfile: Dockerfile, options: BuildOptions): PlanWarning[] {
  const names = unusedBuildArgs(dockerfile, options.buildArgs ?? {})
  if (names.length === 0) return []
  const message = `no ARG of the Dockerfile declares the build arguments given: ${names.join(', ')}`
  return [{ rule: 'UnusedBuildArg', message }]
}

function withEpoch(options: BuildOptions): Record<string, string> {
  const epoch = options.sourceDateEpoch
  return { ...(epoch !== undefined && { SOURCE_DATE_EPOCH: String(epoch) }), ...options.buildArgs }
}

function isNoCache(noCache: BuildOptions['noCache'], stage: string): boolean {
  return Array.isArray(noCache) ? noCache.includes(stage) : noCache === true
}

async function writeOutputs(specs: readonly OutputSpec[], context: OutputContext): Promise<OutputResult[]> {
  const { emit } = context.environment
  const results: OutputResult[] = []
  for (const [index, spec] of specs.entries()) {
    const step = `output-${index}`
    emit({
      type: 'step.start',
      step,
      name: titleOf(spec, context.tags),
      inputs: [],
      at: Date.now(),
    })
    try {
      results.push(await writeOutput(spec, context, step))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'step.end', step, outcome: 'failed', error: message, at: Date.now() })
      throw error
    }
    emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
    emit({ type: 'output', step, kind: spec.kind, destination: results.at(-1)!.destination, at: Date.now() })
  }
  return results
}

function titleOf(spec: OutputSpec, tags: readonly string[]): string {
  const place = spec.kind === 'image' && spec.destination === '' ? tags.join(',') : spec.destination
  const what = spec.kind === 'image' && spec.push ? 'pushing image' : `exporting to ${spec.kind}`
  return place === '' ? what : `${what}: ${place}`
}

async function resultImage(
  plan: Plan,
  stages: ExecutedStages,
  environment: StepEnvironment,
): Promise<ResultImage> {
  const image = await assembleImage(stages, plan.target, environment)
  const { fileSystem } = stages.get(plan.target)!
  const { platform } = plan
  const exported = exportedPlatform(platform, image.config)
  return { name: formatPlatform(exported), platform: exported, image, fileSystem }
}

/**
 * The result as the store keeps it: layers as they are, nothing compressed. One that nothing names is only described:
 * its layers may stay where they are.
 */
function describeStored(context: OutputContext, leaveAtOrigin: boolean): ReturnType<typeof describeOutcome> {
  return describeOutcome(context, { form: { ...STORED_FORM, leaveAtOrigin } })
}

/** The build's tags lead to the result, unless it is only pushed, or an output says in which form they are kept. */
async function nameTags(context: OutputContext, specs: readonly OutputSpec[]): Promise<void> {
  const images = specs.filter((spec) => spec.kind === 'image')
  const isOnlyPushed =
    specs.length > 0 && specs.length === images.filter((spec) => !isKeptInStore(spec)).length
  const isNamed = images.some((spec) => isKeptInStore(spec) && spec.names === undefined)
  if (context.tags.length === 0 || isOnlyPushed || isNamed) return
  const { descriptor } = await describeStored(context, false)
  await nameResult(context.tags, descriptor, context)
}
