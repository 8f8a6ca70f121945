import {
  type Contents,
  type DirectoryNode,
  diffTrees,
  type FileNode,
  type LayerItem,
  openContents,
} from '@cooperage/store'
import type { StepEnvironment } from './step-environment.js'

const CHUNK = 1 << 16

/**
 * The layer that turns one tree into the other. Of files that differ in nothing but perhaps their bytes the bytes are
 * read: whether a file that is copied a second time is in the layer must not hang on what a cache knows.
 */
export async function diffWithContents(
  below: DirectoryNode,
  above: DirectoryNode,
  environment: StepEnvironment,
): Promise<LayerItem[]> {
  const limit = environment.epoch === undefined ? {} : { mtimeLimit: environment.epoch }
  const doubtful: [FileNode, FileNode][] = []
  const items = diffTrees(below, above, {
    ...limit,
    isSameContent(old, node) {
      doubtful.push([old, node])
      return false
    },
  })
  if (doubtful.length === 0) return items
  await using contents = await openContents(doubtful.flat(), environment.store.blobs, environment.openHost)
  const same = new Map<FileNode, Set<FileNode>>()
  for (const [old, node] of doubtful) {
    environment.signal.throwIfAborted()
    if (!haveSameBytes(old, node, contents)) continue
    same.set(node, (same.get(node) ?? new Set()).add(old))
  }
  if (same.size === 0) return items
  return diffTrees(below, above, {
    ...limit,
    isSameContent: (old, node) => same.get(node)?.has(old) === true,
  })
}

function haveSameBytes(old: FileNode, node: FileNode, contents: Contents): boolean {
  const [left, right] = [contents.open(old), contents.open(node)]
  try {
    const [a, b] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)]
    for (let at = 0; at < node.size; ) {
      const length = Math.min(CHUNK, node.size - at)
      const [one, other] = [a.subarray(0, length), b.subarray(0, length)]
      if (fill(left, one) !== length || fill(right, other) !== length || !one.equals(other)) return false
      at += length
    }
    return true
  } finally {
    left.close()
    right.close()
  }
}

function fill(content: ReturnType<Contents['open']>, target: Buffer): number {
  let filled = 0
  while (filled < target.length) {
    const read = content.read(target.subarray(filled))
    if (read === 0) break
    filled += read
  }
  return filled
}
