import { encodeConfig, type History, type ImageConfig } from '@cooperage/store'
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

/** Puts the target's config, history and layers together. As in BuildKit, metadata alone make an image without layers. */
export function assembleImage(
  stages: ReadonlyMap<number, ExecutedStage>,
  target: number,
  environment: StepEnvironment,
): BuiltImage {
  const stage = stages.get(target)!
  const { history, times } = historyOf(stage, { stages, epoch: environment.epoch })
  const { layers } = stage.fileSystem
  const filled = fillHistory(history, times)
  const created = filled.at(-1)?.created
  const config: ImageConfig = {
    ...stage.plan.config,
    ...(created !== undefined && { created }),
    history: filled,
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
