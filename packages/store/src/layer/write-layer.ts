import { createHash, type Hash } from 'node:crypto'
import type { Digest } from '../digest.js'
import { END_OF_ARCHIVE, tarPadding } from '../tar/layout.js'
import type { LayerItem } from '../tree/diff.js'
import type { FileNode } from '../tree/node.js'
import { ChunkBuffer } from './chunk-buffer.js'
import type { Contents } from './contents.js'
import { contentSize, layerEntry } from './layer-entry.js'
import type { LayerSink } from './layer-sink.js'
import { toWindowsEntry, windowsRoots } from './windows-layer.js'

export interface WriteLayerOptions {
  readonly contents: Contents
  readonly signal?: AbortSignal
  /** Called for each file whose digest was not known, with the digest of the bytes that went into the layer. */
  readonly onDigest?: (node: FileNode, digest: Digest) => void
  /** Default: the node says so itself. */
  readonly isDigestKnown?: (node: FileNode) => boolean
  /** Later times become this one (seconds since 1970), as with SOURCE_DATE_EPOCH. */
  readonly mtimeLimit?: number
  /** Writes the form of Windows; `time` is that of what every such layer begins with, in seconds since 1970. */
  readonly windows?: { readonly time: number }
  /** Called after each chunk: bytes of the layer and entries so far. */
  readonly onProgress?: (bytes: number, entries: number) => void
}

/**
 * Writes the items as an uncompressed layer, each file read once: the same pass frames it, hashes it when asked
 * to, and hands it to the writer. Memory does not grow with a file. The caller commits the writer.
 * @throws E_CTX_CHANGED and what reading and writing throw; the abort reason when aborted.
 */
export async function writeLayer(
  items: readonly LayerItem[],
  writer: LayerSink,
  options: WriteLayerOptions,
): Promise<void> {
  const chunks = new ChunkBuffer(writer)
  const { windows, mtimeLimit } = options
  let entries = 0
  if (windows !== undefined) for (const root of windowsRoots(windows.time)) chunks.frame(root)
  for (const item of items) {
    const entry = layerEntry(item, mtimeLimit)
    chunks.frame(windows === undefined ? entry : toWindowsEntry(entry))
    if (contentSize(item) > 0) await writeContent((item as { node: FileNode }).node)
    entries++
    if (chunks.full) await flush()
  }
  chunks.append(END_OF_ARCHIVE)
  await chunks.finish()

  async function flush(): Promise<void> {
    options.signal?.throwIfAborted()
    await chunks.flush()
    options.onProgress?.(chunks.written, entries)
  }

  async function writeContent(node: FileNode): Promise<void> {
    const hash = needsDigest(node) ? createHash('sha256') : undefined
    const content = options.contents.open(node)
    let left = node.size
    try {
      while (left > 0) {
        if (chunks.full) await flush()
        const target = chunks.space(left)
        const read = content.read(target)
        if (read === 0) break
        hash?.update(target.subarray(0, read))
        chunks.advance(read)
        left -= read
      }
    } finally {
      // Of a file that grew or shrank, closing tells more than a count of bytes would.
      content.close()
    }
    if (left > 0) throw new Error(`content ended ${left} bytes early`)
    report(node, hash)
    chunks.pad(tarPadding(node.size))
  }

  function needsDigest(node: FileNode): boolean {
    if (options.onDigest === undefined) return false
    return options.isDigestKnown === undefined ? node.digest === undefined : !options.isDigestKnown(node)
  }

  function report(node: FileNode, hash: Hash | undefined): void {
    if (hash !== undefined) options.onDigest?.(node, `sha256:${hash.digest('hex')}`)
  }
}
