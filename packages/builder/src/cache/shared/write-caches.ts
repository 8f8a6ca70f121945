import type { StepEnvironment } from '../../execute/step-environment.js'
import type { BuiltImage } from '../../image/assemble-image.js'
import type { CacheTarget, PlacedTarget } from './cache-option.js'
import type { WritableCachePlace } from './cache-place.js'
import { exportCache } from './export-cache.js'
import { exportMounts } from './export-mounts.js'
import type { NotedStep } from './shared-caches.js'

interface WriteOptions {
  readonly images: readonly BuiltImage[]
  readonly place: (target: PlacedTarget) => WritableCachePlace
}

/** Writes what this build found and made to the caches asked for; one that fails is a warning, unless it says otherwise. */
export async function writeCaches(
  targets: readonly CacheTarget[],
  environment: StepEnvironment,
  options: WriteOptions,
): Promise<void> {
  for (const [index, target] of targets.entries()) {
    if (target.kind !== 'inline') await writeCache(target, index, { environment, ...options })
  }
}

async function writeCache(
  target: PlacedTarget,
  index: number,
  { environment, images, place }: WriteOptions & { readonly environment: StepEnvironment },
): Promise<void> {
  const { store, signal, emit, shared } = environment
  const step = `cache-${index}`
  const to = place(target)
  emit({ type: 'step.start', step, name: `exporting cache to ${to.name}`, inputs: [], at: Date.now() })
  try {
    const mounts = target.mounts === true ? await exportMounts(environment, { target, step }) : []
    const cache = await exportCache(stepsFor(target, shared?.steps() ?? [], images), {
      store,
      signal,
      mounts,
      compression: target.compression ?? 'gzip',
      ...(target.compressionLevel !== undefined && { compressionLevel: target.compressionLevel }),
    })
    await to.publish(cache, signal)
    emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    emit({ type: 'step.end', step, outcome: 'failed', error: message, at: Date.now() })
    signal.throwIfAborted()
    if (!target.ignoreError) throw error
    const warning = `the cache ${to.name} is not written: ${message}`
    emit({ type: 'warning', rule: 'CacheNotExported', message: warning, at: Date.now() })
  }
}

function stepsFor(
  target: PlacedTarget,
  steps: readonly NotedStep[],
  images: readonly BuiltImage[],
): readonly NotedStep[] {
  if (target.mode === 'max') return steps
  const layers = new Set(images.flatMap((image) => image.layers.map(({ diffId }) => diffId)))
  return steps.filter(({ step }) => layers.has(step.diffId))
}
