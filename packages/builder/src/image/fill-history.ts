import type { History } from '@cooperage/store'

const EXPORTER_COMMENT = 'buildkit.exporter.image.v0'

/** What is known of a layer for a history that does not speak of it. */
export interface LayerNote {
  readonly created?: string
  readonly description: string
}

/**
 * Makes history and layers agree, as BuildKit's exporter does: entries that make a layer get its time, layers that no
 * entry speaks of get an entry, entries too many, the last ones, become empty ones, and entries without a layer take the time of
 * the first new layer or of the one before them.
 */
export function fillHistory(history: readonly History[], layers: readonly LayerNote[]): History[] {
  const filled = history.map((entry) => ({ ...entry }))
  const making = filled.filter((entry) => entry.empty_layer !== true)
  for (const entry of making.slice(layers.length)) entry.empty_layer = true
  for (const { created, description } of layers.slice(making.length)) {
    filled.push({
      ...(created !== undefined && { created }),
      created_by: description,
      comment: EXPORTER_COMMENT,
    })
  }
  let at = 0
  for (const entry of filled) {
    if (entry.empty_layer === true) continue
    const layer = layers[at++]
    if (entry.created === undefined && layer?.created !== undefined) entry.created = layer.created
  }
  fillMissingTimes(filled)
  return filled
}

function fillMissingTimes(history: History[]): void {
  const firstMissing = history.findIndex((entry) => entry.created === undefined)
  if (firstMissing === -1) return
  const after = history.slice(firstMissing).find((entry) => entry.created !== undefined)
  const before = history.slice(0, firstMissing).findLast((entry) => entry.created !== undefined)
  let time = (after ?? before)?.created
  let missed = false
  for (const entry of history) {
    if (entry.created === undefined) {
      missed = true
      if (time !== undefined) entry.created = time
    } else if (missed) time = entry.created
  }
}
