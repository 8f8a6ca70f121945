import { type DirectoryNode, type LayerForm, readLayer, type Store } from '@cooperage/store'
import type { StageLayer } from './file-system.js'
import { obtainContent } from './obtain-layer.js'

/**
 * The tree that a layer makes of the one below it. The whole blob is checked first: what a tree's files hold is later
 * read in parts, which no digest can judge, and would go into outputs and other layers as it is.
 * @throws E_BLOB_MISSING, E_STORE_CORRUPT (the blob is then set aside, and the next attempt makes it again), what
 * `obtainContent` and what `readLayer` throw
 */
export async function loadLayer(
  below: DirectoryNode,
  layer: StageLayer,
  options: { readonly store: Store; readonly signal: AbortSignal; readonly form?: LayerForm },
): Promise<DirectoryNode> {
  const { store, signal, form } = options
  await obtainContent(layer, options)
  await store.blobs.check(layer.diffId, { signal })
  return readLayer(below, { diffId: layer.diffId, blobs: store.blobs }, { signal, ...(form && { form }) })
}
