import { CooperageError, type Digest } from '@cooperage/store'
import { KeyBuilder } from '../cache/key-builder.js'
import type { StepResult } from '../cache/step-cache.js'
import type { CopySource, RunMount, RunOperation } from '../plan/plan.js'
import { formatPlatform } from '../plan/platform.js'
import { effectiveNetwork, isInsecure } from '../run/effective-network.js'
import { type BindSource, bindContent, bindSource } from '../run/mounts/bind-source.js'
import { contentName } from '../run/mounts/content-name.js'
import { mountKey } from '../run/mounts/mount-key.js'
import { DEFAULT_SHM_SIZE } from '../run/run-options.js'
import { type ProcessContext, runProcess } from '../run/run-process.js'
import type { Executor } from '../run/sandbox/executor.js'
import type { CopySourceTree } from './copy-source.js'
import type { FileSystem } from './file-system.js'
import type { StepContext, StepOutcome } from './step.js'
import { foundLayer, newLayer, remembered } from './step-layer.js'

const KEY_VERSION = 4

export interface RunContext extends StepContext {
  readonly source: (from: CopySource) => Promise<CopySourceTree>
}

/**
 * Executes RUN. Like COPY it has two keys: one of where the things come from that it mounts, and one of what they
 * hold. A step that is known starts nothing and reads no layer.
 */
export async function runStep(
  operation: RunOperation,
  below: FileSystem,
  context: RunContext,
): Promise<StepOutcome> {
  const { environment, step } = context
  // Rights first: whether a step is known must not depend on who asks.
  const rights = {
    network: effectiveNetwork(operation, environment.run.options),
    insecure: isInsecure(operation, environment.run.options),
  }
  const binds = await bindSources(operation.mounts, context)
  noteCacheMounts(operation, binds, context)
  const weakness = weaknessOf(await environment.run.executor())
  const key = (makes: (key: KeyBuilder) => KeyBuilder) =>
    keysOf(() => makes(keyOf(operation, below, context)), weakness)
  const identities = binds.map(({ source }) => source.identity)
  const places = identities.every((identity) => identity !== undefined)
    ? key((one) => {
        const paths = binds.map(({ mount }) => mount.source)
        return one.field('places', identities as Digest[]).field('paths', paths)
      })
    : undefined
  const placed = await rememberedByAny(places?.found, context)
  if (placed !== undefined) return foundLayer(below, placed, { keys: [], context })
  const keys = places === undefined ? [] : [places.own]
  if (binds.length > 0) {
    const contents: string[] = []
    for (const bind of binds) contents.push(await bindContent(bind, step))
    const { own, found: known } = key((one) => one.field('contents', contents))
    keys.unshift(own)
    const found = await rememberedByAny(known, context)
    if (found !== undefined) return foundLayer(below, found, { keys, context })
  }
  // Equal steps of one build are one, with no cache too: what a process makes may differ each time, and takes its time.
  const [whatRuns] = keys as [Digest, ...Digest[]]
  const running = environment.running.get(whatRuns)
  if (running !== undefined) return foundLayer(below, await running, { keys, context })
  const begun = runNow(operation, below, { ...context, binds, rights, keys })
  const result = begun.then((done) => done.result)
  // Whoever waits for it is told of its failure, and often nobody does.
  result.catch(() => undefined)
  environment.running.set(whatRuns, result)
  return (await begun).outcome
}

async function runNow(
  operation: RunOperation,
  below: FileSystem,
  context: RunContext & Pick<ProcessContext, 'binds' | 'rights'> & { readonly keys: readonly Digest[] },
): Promise<{ readonly outcome: StepOutcome; readonly result: StepResult }> {
  const { keys } = context
  refuseSystem(context)
  const layer = await runProcess(operation, below, context)
  const outcome = await newLayer(below, layer, { keys, context, tree: layer.tree })
  await layer.settle(outcome.fileSystem)
  return { outcome, result: { diffId: layer.diffId, size: layer.size, created: outcome.created } }
}

/** The contents of these may be written to a shared cache, also when the step is known. */
function noteCacheMounts(
  { mounts }: RunOperation,
  binds: readonly BindSource[],
  { environment, step }: RunContext,
): void {
  for (const mount of mounts) {
    if (mount.type !== 'cache') continue
    const source = binds.find((one) => one.mount === mount)
    environment.shared?.mounts.note({ mount, origin: async () => source && contentName(source, step) })
  }
}

/** Processes of another machine can be emulated, those of another system cannot. */
function refuseSystem({ platform }: RunContext): void {
  if (platform.os === 'linux') return
  const name = formatPlatform(platform)
  throw new CooperageError('E_PLATFORM', `a process of ${name} cannot run here: only those of Linux can`, {
    hint: 'make what the image needs in a stage FROM --platform=$BUILDPLATFORM, and COPY it from there',
    data: { platform: name },
  })
}

async function bindSources(mounts: readonly RunMount[], context: RunContext): Promise<BindSource[]> {
  const sources: BindSource[] = []
  for (const mount of mounts) {
    const isEmptyCache = mount.type === 'cache' && mount.from?.kind === 'scratch'
    if ((mount.type !== 'bind' && mount.type !== 'cache') || isEmptyCache) continue
    const from = mount.from ?? { kind: 'context' }
    sources.push(bindSource(mount, await context.source(from)))
  }
  return sources
}

/** Of an executor in which steps may come to something else than BuildKit's; undefined for the others. */
function weaknessOf({ name, files }: Executor): string | undefined {
  if (name === 'chroot') return 'chroot'
  return files.owners === 'one' ? 'one owner' : undefined
}

/**
 * The key under which a layer is kept, and those under which one may be found: what a weak executor made is of no use
 * to the others, and what they made is to it.
 */
function keysOf(
  key: () => KeyBuilder,
  weakness: string | undefined,
): { readonly own: Digest; readonly found: readonly Digest[] } {
  const strong = key().digest()
  if (weakness === undefined) return { own: strong, found: [strong] }
  const own = key().field('executor', weakness).digest()
  return { own, found: [strong, own] }
}

async function rememberedByAny(
  keys: readonly Digest[] = [],
  context: RunContext,
): Promise<StepResult | undefined> {
  for (const key of keys) {
    const found = await remembered(key, context)
    if (found !== undefined) return found
  }
  return undefined
}

function keyOf(operation: RunOperation, below: FileSystem, context: RunContext): KeyBuilder {
  const { epoch, run } = context.environment
  const { extraHosts = [], ulimits = [], shmSize = DEFAULT_SHM_SIZE, network = 'default' } = run.options
  return new KeyBuilder('run', KEY_VERSION)
    .field('platform', formatPlatform(context.platform))
    .field('below', below.identity)
    .field('args', operation.args)
    .field('env', operation.env)
    .field('user', operation.user)
    .field('workdir', operation.workdir)
    .field('mounts', operation.mounts.map(mountKey))
    .field('script', operation.script && [operation.script.name, operation.script.content])
    .field('network', [operation.network, network])
    .field('security', operation.security)
    .field('devices', operation.devices)
    .field('hostname', run.hostname)
    .field(
      'hosts',
      extraHosts.map(({ host }) => host.toLowerCase()),
    )
    .field(
      'ulimits',
      ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`),
    )
    .field('shmSize', shmSize)
    .field('epoch', epoch)
}
