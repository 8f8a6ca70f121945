import { inParallel, parseDigest } from '@cooperage/store'
import { FileSystem, type LayerOrigin, type StageLayer } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import { obtainContent } from '../execute/obtain-layer.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { ImageDocuments } from './image-documents.js'

/** Layers of one image that are unpacked at once. */
const AT_ONCE = 4

/** The layers of an image, and the tree that is made of them when something asks for it: then all are obtained at once. */
export function baseFileSystem(
  { manifest, config }: Pick<ImageDocuments, 'manifest' | 'config'>,
  origin: LayerOrigin | undefined,
  environment: StepEnvironment,
): FileSystem {
  const layers = manifest.layers.map(
    (descriptor, index): StageLayer => ({
      diffId: parseDigest(config.rootfs.diff_ids[index]),
      descriptor,
      ...(origin && { origin }),
    }),
  )
  let obtained: Promise<void> | undefined
  let fileSystem = FileSystem.empty()
  for (const layer of layers) {
    const below = fileSystem
    fileSystem = below.with(layer, async () => {
      obtained ??= inParallel(layers, { limit: AT_ONCE, signal: environment.signal }, (one, signal) =>
        obtainContent(one, { ...environment, signal }),
      )
      await obtained
      return loadLayer(await below.tree(), layer, environment)
    })
  }
  return fileSystem
}
