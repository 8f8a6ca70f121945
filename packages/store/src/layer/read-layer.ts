import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import { scanTar } from '../tar/scan-tar.js'
import { type ArchiveItem, applyArchive } from '../tree/apply.js'
import type { DirectoryNode } from '../tree/node.js'
import { fromWindowsItems, type LayerForm } from './windows-layer.js'

export interface ReadLayerOptions {
  readonly signal?: AbortSignal
  /** Default: plain. */
  readonly form?: LayerForm
}

/**
 * The tree that an uncompressed layer of the store makes of the one below it. Headers are read, contents are not:
 * the files of the new tree point into the blob.
 * @throws E_BLOB_MISSING, and what a malformed layer gives (see `scanTar` and `applyArchive`).
 */
export async function readLayer(
  below: DirectoryNode,
  layer: { readonly diffId: Digest; readonly blobs: BlobStore },
  options: ReadLayerOptions = {},
): Promise<DirectoryNode> {
  await using range = await layer.blobs.openRange(layer.diffId)
  const items: ArchiveItem[] = []
  for await (const item of scanTar(range)) {
    options.signal?.throwIfAborted()
    items.push(item)
  }
  const files = options.form === 'windows' ? fromWindowsItems(items) : items
  return applyArchive(below, files, { blob: layer.diffId, as: 'layer' })
}
