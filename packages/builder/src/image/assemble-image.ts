import { encodeConfig, type History, type ImageConfig } from '@cooperage/store'
import type { ExecutedStage } from '../execute/execute-stage.js'
import type { StageLayer } from '../execute/file-system.js'
import { rfc3339 } from '../execute/rfc3339.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { fillHistory, type LayerNote } from './fill-history.js'
import { baseHistory, notesOfBase, notesOfStage } from './layer-notes.js'

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
  const { epoch } = environment
  const { history, notes } = historyOf(stage, { stages, epoch, isBuiltUpon: false })
  const { layers } = stage.fileSystem
  const filled = fillHistory(history, notes)
  const created = filled.at(-1)?.created
  const config: ImageConfig = {
    ...stage.plan.config,
    ...(created !== undefined && { created }),
    history: filled,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  }
  return { config, configBytes: encodeConfig(config), layers }
}

/** History from the lowest base up, and for each layer what would be said of it. */
function historyOf(
  stage: ExecutedStage,
  context: {
    readonly stages: ReadonlyMap<number, ExecutedStage>
    readonly epoch: number | undefined
    /** Whether a stage above has layers of its own. */
    readonly isBuiltUpon: boolean
  },
): { history: History[]; notes: LayerNote[] } {
  const { base } = stage.plan
  const isBuiltUpon = context.isBuiltUpon || stage.outcomes.length > 0
  const below =
    base.kind === 'stage'
      ? historyOf(context.stages.get(base.stage)!, { ...context, isBuiltUpon })
      : base.kind === 'image'
        ? {
            history: baseHistory(base.image.config),
            notes: notesOfBase(base.image, { ...context, isBuiltUpon }),
          }
        : { history: [], notes: [] }
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
  return { history: [...below.history, ...own], notes: [...below.notes, ...notesOfStage(stage)] }
}
