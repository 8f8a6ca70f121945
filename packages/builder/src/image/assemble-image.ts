import {
  type Digest,
  EMPTY_LAYER_DIFF_ID,
  EMPTY_LAYER_SIZE,
  emptyLayer,
  encodeConfig,
  type History,
  type ImageConfig,
  isCooperageError,
} from '@cooperage/store'
import { KeyBuilder } from '../cache/key-builder.js'
import type { ExecutedStage } from '../execute/execute-stage.js'
import type { StageLayer } from '../execute/file-system.js'
import { rfc3339 } from '../execute/rfc3339.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { fillHistory, type LayerTime } from './fill-history.js'

/** A finished image: its config, and the layers that outputs compress and describe in a manifest. */
export interface BuiltImage {
  readonly config: ImageConfig
  /** The config's bytes: its digest is the image's id. */
  readonly configBytes: Uint8Array
  readonly layers: readonly StageLayer[]
}

const COMMENT = 'buildkit.dockerfile.v0'

/** Puts the target's config, history and layers together. An image must have a layer: one without gets an empty one. */
export async function assembleImage(
  stages: ReadonlyMap<number, ExecutedStage>,
  target: number,
  environment: StepEnvironment,
): Promise<BuiltImage> {
  const stage = stages.get(target)!
  const { history, times } = historyOf(stage, { stages, epoch: environment.epoch })
  const layers = [...stage.fileSystem.layers]
  if (layers.length === 0) {
    // image-spec, manifest.md: at least one layer; readers refuse images that have none.
    await environment.store.blobs.put(emptyLayer())
    layers.push({ diffId: EMPTY_LAYER_DIFF_ID, size: EMPTY_LAYER_SIZE, isOwn: true })
    times.push(undefined)
  }
  const untimed = fillHistory(history, times)
  const created = await timeOf(stage, untimed, environment)
  const timed = untimed.map((entry) => (entry.created === undefined ? { created, ...entry } : entry))
  const config: ImageConfig = {
    ...stage.plan.config,
    created: timed.at(-1)?.created ?? created,
    history: timed,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  }
  return { config, configBytes: encodeConfig(config), layers }
}

/** History from the lowest base up, and for each layer when it was made; undefined for those of a base image. */
function historyOf(
  stage: ExecutedStage,
  context: { readonly stages: ReadonlyMap<number, ExecutedStage>; readonly epoch: number | undefined },
): { history: History[]; times: (LayerTime | undefined)[] } {
  const { base } = stage.plan
  const below =
    base.kind === 'stage'
      ? historyOf(context.stages.get(base.stage)!, context)
      : base.kind === 'image'
        ? {
            history: [...(base.image.config.history ?? [])],
            times: base.image.config.rootfs.diff_ids.map(() => undefined),
          }
        : { history: [], times: [] }
  const own = stage.plan.history.map((entry): History => {
    const outcome = entry.operation === undefined ? undefined : stage.outcomes[entry.operation]
    const created = context.epoch === undefined ? outcome?.created : rfc3339(context.epoch)
    return {
      ...(created !== undefined && { created }),
      created_by: entry.createdBy,
      comment: COMMENT,
      ...(outcome === undefined && { empty_layer: true }),
    }
  })
  return { history: [...below.history, ...own], times: [...below.times, ...stage.outcomes] }
}

/**
 * The time of an image in which no layer tells one: that of the first build that made it, so that building it again
 * gives the same image.
 */
async function timeOf(
  stage: ExecutedStage,
  history: readonly History[],
  environment: StepEnvironment,
): Promise<string> {
  const { epoch, now } = environment
  if (epoch !== undefined) return rfc3339(epoch)
  if (history.length > 0 && history.every((entry) => entry.created !== undefined)) return rfc3339(now)
  const key = new KeyBuilder('created', 1)
    .field('config', JSON.stringify(stage.plan.config))
    .field('history', JSON.stringify(history))
    .digest()
  return firstTime(key, environment)
}

async function firstTime(key: Digest, environment: StepEnvironment): Promise<string> {
  const { store, now, emit } = environment
  const known = await store.records.getText('created', key)
  if (known !== undefined) return known
  const created = rfc3339(now)
  try {
    await store.records.put('created', key, created)
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'store') throw error
    const message = `the time of the image is not remembered: ${error.message}`
    emit({ type: 'warning', rule: 'CacheNotSaved', message, at: Date.now() })
  }
  return created
}
