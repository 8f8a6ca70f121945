import { inParallel, parseDigest } from '@cooperage/store'
import { FileSystem, type LayerOrigin, type StageLayer } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import { obtainContent } from '../execute/obtain-layer.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { ImageDocuments } from './image-documents.js'
import { knownTree } from './known-tree.js'
import { layerForm } from './layer-form.js'

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
  const form = layerForm(config)
  const { store } = environment
  const { signal } = environment
  const obtain = (): Promise<void> => {
    obtained ??= inParallel(layers, { limit: AT_ONCE, signal }, (one, signal) =>
      obtainContent(one, { ...environment, signal }),
    )
    return obtained
  }
  let fileSystem = FileSystem.empty(form)
  for (const [index, layer] of layers.entries()) {
    const below = fileSystem
    const load = async () => loadLayer(await below.tree(), layer, { store, signal, form })
    const isWhole = index === layers.length - 1
    const own: FileSystem = below.with(layer, async () => {
      await obtain()
      return isWhole ? knownTree(own.identity!, store, load) : load()
    })
    fileSystem = own
  }
  return fileSystem
}
