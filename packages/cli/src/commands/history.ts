import type { Platform, Store } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { findImage } from '../images/find-image.js'
import { platformFlag } from '../images/platform-flag.js'
import type { Invocation } from '../invocation.js'
import { renderHistory } from '../render/history.js'
import { withStore } from '../with-store.js'

/** A line of `cooper history`. */
export interface HistoryRow {
  /** Only the newest line stands for an image; the others have none. */
  readonly id?: string
  readonly created?: string
  readonly createdBy: string
  /** Bytes of the layer; 0 when the step made none. */
  readonly size: number
  readonly comment: string
}

/** `cooper history IMAGE` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal } = invocation
  const platform = platformFlag(flags)
  const rows = await withStore(invocation, (store) => imageHistory(store, operands[0]!, platform))
  await terminal.print(
    renderHistory(rows, {
      json: flags.text('format') === 'json',
      quiet: flags.on('quiet'),
      truncate: !flags.on('no-trunc'),
      human: !flags.given('human') || flags.on('human'),
      now: Date.now(),
    }),
  )
}

/** The newest step first. Layers that no entry of the history speaks for come last, as unnamed steps. */
export async function imageHistory(store: Store, word: string, platform?: Platform): Promise<HistoryRow[]> {
  const { image } = await findImage(store, word, platform)
  const layers = [...image.manifest.layers]
  const rows = (image.config.history ?? []).map((entry): HistoryRow => {
    const layer = entry.empty_layer === true ? undefined : layers.shift()
    if (entry.empty_layer !== true && layer === undefined) {
      throw new CooperageError('E_CONFIG', `the history of ${word} names more layers than the image has`)
    }
    return {
      ...(entry.created === undefined ? {} : { created: entry.created }),
      createdBy: entry.created_by ?? '',
      size: layer?.size ?? 0,
      comment: entry.comment ?? '',
    }
  })
  const unnamed = layers.map((layer): HistoryRow => ({ createdBy: '', size: layer.size, comment: '' }))
  const newestFirst = [...unnamed, ...rows].reverse()
  return newestFirst.map((row, index) => (index === 0 ? { ...row, id: image.id } : row))
}
