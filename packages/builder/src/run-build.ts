import {
  type Descriptor,
  type Digest,
  defaultPlatform,
  digestOf,
  isCooperageError,
  parsePlatform,
} from '@cooperage/store'
import { BaseImages } from './base/base-images.js'
import { BuildContexts } from './build-contexts.js'
import type { BuildOptions, BuildResult } from './build-options.js'
import { buildCaches } from './cache/shared/build-caches.js'
import { openHostContent } from './context/host-content.js'
import type { BuildEvent } from './events.js'
import { executePlan } from './execute/execute-plan.js'
import type { StepEnvironment } from './execute/step-environment.js'
import { assembleImage, type BuiltImage } from './image/assemble-image.js'
import type { Dockerfile } from './instructions/commands.js'
import { checksOf } from './lint/checks-of.js'
import { parseChecked } from './lint/parse-checked.js'
import { describeImage } from './outputs/describe-image.js'
import { fullName } from './outputs/full-name.js'
import type { OutputSpec } from './outputs/output-spec.js'
import { type OutputContext, type OutputResult, writeOutput } from './outputs/write-output.js'
import type { Plan, PlanWarning } from './plan/plan.js'
import { planBuild } from './plan/plan-build.js'
import { firstRun, refuseUnserved } from './plan/unserved.js'
import { unusedBuildArgs } from './plan/unused-build-args.js'
import { writtenRun } from './plan/written-run.js'
import { readDockerfile } from './read-dockerfile.js'
import { RemoteSources } from './remote/remote-sources.js'
import { findExecutor } from './run/find-executor.js'
import { needExecutor } from './run/need-executor.js'
import { runSupport } from './run/run-support.js'
import { openSecrets } from './secrets/open-secrets.js'
import { openSsh } from './secrets/open-ssh.js'
import { withSource } from './with-source.js'

export interface BuildWires {
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

const DEFAULT_JOBS = 4

/** A build. When a file of the context changes while it is read, everything is looked at once more. */
export async function runBuild(options: BuildOptions, wires: BuildWires): Promise<BuildResult> {
  try {
    return await attemptBuild(options, wires)
  } catch (error) {
    if (!isCooperageError(error)) throw error
    const again = (rule: string, rest: BuildOptions) => {
      wires.emit({
        type: 'warning',
        rule,
        message: `${error.message}; the build starts again`,
        at: Date.now(),
      })
      return attemptBuild(rest, wires)
    }
    if (error.code === 'E_CTX_CHANGED') return again('ContextChanged', options)
    if (error.code === 'E_CACHE_LAYER') return again('CacheNotImported', { ...options, cacheFrom: [] })
    throw error
  }
}

/** One build from text to outputs: parse, plan, execute, assemble, write. Each part hands a value to the next. */
async function attemptBuild(options: BuildOptions, wires: BuildWires): Promise<BuildResult> {
  const failure = new AbortController()
  const signal = AbortSignal.any([wires.signal, failure.signal])
  signal.throwIfAborted()
  const tags = (options.tags ?? []).map(fullName)
  const { store } = options
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
      findExecutor: () => findExecutor(),
    })
    const baseImages = new BaseImages(options)
    const graph = {
      ...(options.target !== undefined && { target: options.target }),
      buildArgs: withEpoch(options),
      ...(options.platform !== undefined && { platform: parsePlatform(options.platform) }),
      buildPlatform: defaultPlatform(),
      namedContexts: contexts.kinds(),
    }
    const warnings: PlanWarning[] = []
    let plan: Plan
    try {
      const dockerfile = parseChecked(file, checks)
      warnings.push(...externalFrontend(dockerfile), ...unusedArgs(dockerfile, options))
      // Whether a RUN that is written in the file can be run is known before even a base image is looked for.
      await needExecutor(writtenRun(dockerfile, graph), run)
      plan = await planBuild(dockerfile, {
        ...graph,
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
    refuseUnserved(plan)
    await needExecutor(firstRun(plan), run)
    const caches = buildCaches(options, {
      platform: plan.stages.get(plan.target)!.platform,
      signal,
      emit: wires.emit,
    })
    const environment: StepEnvironment = {
      store,
      openHost: openHostContent,
      signal,
      emit: wires.emit,
      epoch: plan.sourceDateEpoch,
      now: Math.floor(Date.now() / 1000),
      counters,
      remotes: new RemoteSources({
        store,
        remote: options.remote ?? {},
        secrets,
        ssh,
        signal,
        emit: wires.emit,
      }),
      secrets,
      ssh,
      run,
      ...(caches.shared !== undefined && { shared: caches.shared }),
    }
    contexts.use(environment)
    try {
      const stages = await executePlan(plan, {
        environment,
        useCache: (stage) => !isNoCache(options.noCache, stage.name),
        context: (name) => contexts.source(name),
        baseImage: (image) => baseImages.fileSystem(image, environment),
        jobs: options.jobs ?? DEFAULT_JOBS,
        onFailure: (error) => failure.abort(error),
      })
      const image = caches.carry(await assembleImage(stages, plan.target, environment))
      const context: OutputContext = {
        environment,
        image,
        fileSystem: stages.get(plan.target)!.fileSystem,
        tags,
        annotations: options.annotations ?? {},
      }
      const outputs = await writeOutputs(options.outputs ?? [], context)
      const descriptor =
        outputs.find((output) => output.descriptor)?.descriptor ?? (await storeImage(image, context))
      await nameImage(options, { tags, image, context })
      await caches.write([image], environment)
      return {
        descriptor,
        imageId: digestOf(image.configBytes),
        config: image.config,
        tags,
        outputs,
        warnings,
        stats: { ...counters, ...contexts.totals() },
      }
    } finally {
      await contexts.save()
    }
  })
}

/** The one frontend whose language this is; of all others nobody knows what they would make of the file. */
const KNOWN_FRONTEND = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/

function externalFrontend({ syntax }: Dockerfile): PlanWarning[] {
  if (syntax === undefined || KNOWN_FRONTEND.test(syntax)) return []
  const message = `external frontends are not run: "# syntax=${syntax}" is read as an ordinary Dockerfile`
  return [{ rule: 'ExternalFrontend', message }]
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
      name: `exporting to ${spec.kind}: ${spec.destination}`,
      inputs: [],
      at: Date.now(),
    })
    try {
      results.push(await writeOutput(spec, context))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'step.end', step, outcome: 'failed', error: message, at: Date.now() })
      throw error
    }
    emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
    emit({ type: 'output', step, kind: spec.kind, destination: spec.destination, at: Date.now() })
  }
  return results
}

/** The image as the store keeps it: layers as they are, nothing compressed. */
function storeImage(image: BuiltImage, context: OutputContext): Promise<Descriptor> {
  return describeImage(image, {
    store: context.environment.store,
    signal: context.environment.signal,
    compression: 'uncompressed',
    forceCompression: false,
    ociMediaTypes: true,
    annotations: context.annotations,
  })
}

async function nameImage(
  options: BuildOptions,
  built: { readonly tags: readonly string[]; readonly image: BuiltImage; readonly context: OutputContext },
): Promise<void> {
  if (built.tags.length === 0) return
  const descriptor = await storeImage(built.image, built.context)
  // Uncompressed layers are what later builds and outputs start from; no manifest may name them in that form.
  const blobs: Digest[] = built.image.layers
    .filter((layer) => layer.isOwn === true)
    .map((layer) => layer.diffId)
  for (const tag of built.tags) await options.store.refs.set(tag, { descriptor, created: Date.now(), blobs })
}
