import { type BlobStore, type Digest, type DirectoryNode, readLayer } from '@cooperage/store'

/**
 * The tree that a layer of the store makes of the one below it. The whole blob is checked first: what a tree's files
 * hold is later read in parts, which no digest can judge, and would go into outputs and other layers as it is.
 * @throws E_BLOB_MISSING, E_STORE_CORRUPT (the blob is then set aside, and the next build makes it again), and what
 * `readLayer` throws
 */
export async function loadLayer(
  below: DirectoryNode,
  layer: { readonly diffId: Digest; readonly blobs: BlobStore },
  options: { readonly signal: AbortSignal },
): Promise<DirectoryNode> {
  for await (const _ of layer.blobs.read(layer.diffId, options));
  return readLayer(below, layer, options)
}
