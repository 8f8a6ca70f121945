import type { Descriptor, Digest, Store } from '@cooperage/store'
import { FileSystem, type StageLayer } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import { diffFileSystems, type PathDifference } from './diff-file-systems.js'

/** A layer of the store: uncompressed under its diffID, or as a blob that decompresses to it. */
export interface ImageLayer {
  readonly diffId: Digest
  readonly descriptor?: Descriptor
}

/**
 * The paths at which two images, each given by its layers from the lowest up, differ.
 * @throws E_BLOB_MISSING, E_STORE_CORRUPT, E_DIFFID, and what malformed layers give
 */
export function diffImages(
  before: readonly ImageLayer[],
  after: readonly ImageLayer[],
  options: { readonly store: Store; readonly signal: AbortSignal },
): Promise<PathDifference[]> {
  // What both begin with is read once.
  const shared = before.findIndex((layer, index) => layer.diffId !== after[index]?.diffId)
  const common = shared === -1 ? before.length : shared
  const base = stacked(FileSystem.empty(), before.slice(0, common), options)
  return diffFileSystems(
    stacked(base, before.slice(common), options),
    stacked(base, after.slice(common), options),
    options,
  )
}

function stacked(
  base: FileSystem,
  layers: readonly ImageLayer[],
  options: { readonly store: Store; readonly signal: AbortSignal },
): FileSystem {
  let fileSystem = base
  for (const { diffId, descriptor } of layers) {
    const below = fileSystem
    const layer: StageLayer = { diffId, ...(descriptor !== undefined && { descriptor }) }
    fileSystem = below.with(layer, async () => loadLayer(await below.tree(), layer, options))
  }
  return fileSystem
}
