import type { Digest } from '@cooperage/store'
import type { BuiltImage } from '../../image/assemble-image.js'
import type { CacheRecord } from './cache-documents.js'
import { withInlineCache } from './inline-cache.js'
import type { NotedStep } from './shared-caches.js'

/** The image with the steps that made its layers in its config: another id, the same image. */
export function carryCache(image: BuiltImage, steps: readonly NotedStep[]): BuiltImage {
  const numbers = new Map(image.layers.map(({ diffId }, index) => [diffId, index]))
  const records = new Map<Digest, CacheRecord>()
  for (const { keys, step } of steps) {
    const layer = numbers.get(step.diffId)
    if (layer === undefined) continue
    const { diffId, size, created } = step
    for (const key of keys) records.set(key, { diffId, size, created, layer })
  }
  return { ...image, configBytes: withInlineCache(image.configBytes, records) }
}
