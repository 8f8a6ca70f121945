import { type Digest, type DirectoryNode, isCooperageError } from '@cooperage/store'
import { findStep, rememberStep, type StepResult } from '../cache/step-cache.js'
import type { FileSystem, StageLayer } from './file-system.js'
import { loadLayer } from './load-layer.js'
import { rfc3339 } from './rfc3339.js'
import type { StepContext, StepOutcome } from './step.js'

/** The layer known under this key, unless the cache is not to be used. */
export async function remembered(
  key: Digest | undefined,
  context: StepContext,
): Promise<StepResult | undefined> {
  if (key === undefined || !context.useCache) return undefined
  const { store, shared } = context.environment
  const found = (await findStep(store, key)) ?? (await shared?.find(key))
  if (found !== undefined) shared?.note([key], found)
  return found
}

/** A step whose layer was made before. Keys that did not know it learn it. */
export async function foundLayer(
  below: FileSystem,
  result: StepResult,
  options: { readonly keys: readonly Digest[]; readonly context: StepContext },
): Promise<StepOutcome> {
  await remember(result, options)
  return { fileSystem: stack(below, result, options), cached: true, ...result }
}

/** A tree, or what makes it when somebody asks. */
type TreeOrMaker = DirectoryNode | (() => Promise<DirectoryNode>)

/** A step whose layer has just been committed; `tree` saves reading it back. */
export async function newLayer(
  below: FileSystem,
  layer: { readonly diffId: Digest; readonly size: number },
  options: { readonly keys: readonly Digest[]; readonly context: StepContext; readonly tree?: TreeOrMaker },
): Promise<StepOutcome> {
  const { epoch, now } = options.context.environment
  const result = { ...layer, created: rfc3339(epoch ?? now) }
  await remember(result, options)
  return { fileSystem: stack(below, result, options), cached: false, ...result }
}

/** What the cache cannot take costs the next build time, and this one nothing but a word. */
async function remember(
  result: StepResult,
  options: { readonly keys: readonly Digest[]; readonly context: StepContext },
): Promise<void> {
  const { store, emit, shared } = options.context.environment
  shared?.note(options.keys, result)
  // A record of what is not here would be a miss: the shared cache is asked again.
  if (result.origin !== undefined && (await store.blobs.stat(result.diffId)) === undefined) return
  try {
    for (const key of options.keys) await rememberStep(store, key, result)
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'store') throw error
    const message = `the step is not remembered: ${error.message}`
    emit({ type: 'warning', rule: 'CacheNotSaved', message, at: Date.now() })
  }
}

function stack(
  below: FileSystem,
  layer: StepResult,
  options: { readonly context: StepContext; readonly tree?: TreeOrMaker },
): FileSystem {
  const { tree } = options
  const { diffId, size, descriptor, origin } = layer
  const stageLayer: StageLayer = {
    diffId,
    size,
    ...(descriptor !== undefined && { descriptor }),
    ...(origin !== undefined && { origin }),
    isOwn: true,
  }
  return below.with(stageLayer, async () => {
    if (tree !== undefined) return typeof tree === 'function' ? tree() : tree
    return loadLayer(await below.tree(), stageLayer, options.context.environment)
  })
}
