import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Contents, Digest, FileNode } from '@cooperage/store'

const CHUNK = 1 << 20

export interface HashFilesOptions {
  readonly contents: Contents
  readonly signal: AbortSignal
  readonly onDigest: (node: FileNode, digest: Digest) => void
  /** Bytes read so far. */
  readonly onProgress?: (bytes: number) => void
}

/** Reads each file once and tells its digest. Gives other work a turn after every MiB. */
export async function hashFiles(nodes: Iterable<FileNode>, options: HashFilesOptions): Promise<void> {
  const buffer = Buffer.allocUnsafe(CHUNK)
  let bytes = 0
  let turn = 0
  for (const node of nodes) {
    const hash = createHash('sha256')
    const content = options.contents.open(node)
    try {
      for (let read = content.read(buffer); read > 0; read = content.read(buffer)) {
        hash.update(buffer.subarray(0, read))
        bytes += read
        if (bytes - turn >= CHUNK) {
          turn = bytes
          options.signal.throwIfAborted()
          options.onProgress?.(bytes)
          await setImmediate()
        }
      }
    } finally {
      content.close()
    }
    options.onDigest(node, `sha256:${hash.digest('hex')}`)
  }
}
