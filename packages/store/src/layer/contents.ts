import type { BlobRange, BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'
import type { Content, FileNode } from '../tree/node.js'

/** An open file, read from its start to its end. Reading does not wait: many small files are read quickest so. */
export interface OpenContent {
  /** Fills the front of `target`; returns the bytes written, 0 at the end. */
  read(target: Uint8Array): number
  /** Ends the reading; a source that can change checks here that it did not. @throws E_CTX_CHANGED */
  close(): void
}

/** Opens files of a build context on the host. */
export type OpenHostContent = (node: FileNode) => OpenContent

/** Opens the content of file nodes, wherever it lies. */
export interface Contents extends AsyncDisposable {
  open(node: FileNode): OpenContent
}

/** Makes ready the blobs that these files' contents lie in: parts are read of those only that are sound. */
export async function openContents(
  nodes: Iterable<FileNode>,
  blobs: BlobStore,
  openHost: OpenHostContent = refuseHost,
): Promise<Contents> {
  const ranges = new Map<Digest, BlobRange>()
  const dispose = async () => {
    for (const range of ranges.values()) await range[Symbol.asyncDispose]()
  }
  try {
    for (const { content } of nodes) {
      if ((content.kind !== 'blob' && content.kind !== 'sparse') || ranges.has(content.blob)) continue
      await blobs.check(content.blob)
      ranges.set(content.blob, await blobs.openRange(content.blob))
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    open: (node) =>
      node.content.kind === 'host' ? openHost(node) : readAt(node.size, sourceOf(node.content)),
    [Symbol.asyncDispose]: dispose,
  }

  function sourceOf(content: Content): (at: number, target: Uint8Array) => void {
    switch (content.kind) {
      case 'bytes':
        return (at, target) => target.set(content.bytes.subarray(at, at + target.length))
      case 'blob': {
        const range = ranges.get(content.blob)!
        return (at, target) => range.readSync(content.offset + at, target)
      }
      case 'sparse': {
        const range = ranges.get(content.blob)!
        return (at, target) => {
          target.fill(0)
          for (const run of content.runs) {
            const from = Math.max(at, run.at)
            const to = Math.min(at + target.length, run.at + run.length)
            if (from < to) range.readSync(run.offset + from - run.at, target.subarray(from - at, to - at))
          }
        }
      }
      case 'host':
        throw new CooperageError('E_INTERNAL', 'host content is opened elsewhere', { category: 'internal' })
    }
  }
}

function readAt(size: number, source: (at: number, target: Uint8Array) => void): OpenContent {
  let at = 0
  return {
    read(target) {
      const part = target.subarray(0, Math.min(target.length, size - at))
      if (part.length > 0) source(at, part)
      at += part.length
      return part.length
    },
    close() {},
  }
}

function refuseHost(node: FileNode): never {
  throw new CooperageError('E_INTERNAL', `no way to read host files was given (${node.size} bytes)`, {
    category: 'internal',
  })
}
