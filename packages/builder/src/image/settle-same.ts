import {
  type BlobStore,
  type ByteString,
  type DirectoryNode,
  type FileNode,
  type OpenHostContent,
  openContents,
  type TreeNode,
} from '@cooperage/store'
import { Pacer } from '../context/pacer.js'
import { takeBytes } from '../execute/take-bytes.js'
import { sameMetadata } from '../run/projection/same-entry.js'

export interface SettleOptions {
  readonly blobs: BlobStore
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
}

const CHUNK = 1 << 16

/**
 * The second tree, with the nodes of the first wherever nothing but times is other: contents are compared, so that a
 * difference of the two names only what changed.
 */
export async function settleSame(
  below: DirectoryNode,
  above: DirectoryNode,
  options: SettleOptions,
): Promise<DirectoryNode> {
  const pacer = new Pacer(options.signal)
  return directory(below, above)

  async function directory(old: DirectoryNode, node: DirectoryNode): Promise<DirectoryNode> {
    const children = new Map<ByteString, TreeNode>()
    for (const [name, child] of node.children) {
      const turn = pacer.step()
      if (turn) await turn
      children.set(name, await settled(old.children.get(name), child))
    }
    return { ...node, children }
  }

  async function settled(old: TreeNode | undefined, node: TreeNode): Promise<TreeNode> {
    if (old === undefined || old.type !== node.type) return node
    if (old.type === 'directory' && node.type === 'directory') return directory(old, node)
    if (!sameMetadata(old.meta, node.meta)) return node
    if (old.type === 'symlink' && node.type === 'symlink') return old.target === node.target ? old : node
    if (old.type === 'file' && node.type === 'file') return (await sameContent(old, node)) ? old : node
    if ((old.type === 'char' || old.type === 'block') && (node.type === 'char' || node.type === 'block')) {
      return old.major === node.major && old.minor === node.minor ? old : node
    }
    return old
  }

  async function sameContent(old: FileNode, node: FileNode): Promise<boolean> {
    if (old.size !== node.size) return false
    if (old.size === 0) return true
    await using contents = await openContents([old, node], options.blobs, options.openHost)
    const [first, second] = [contents.open(old), contents.open(node)]
    try {
      for (let left = old.size; left > 0; left -= CHUNK) {
        const length = Math.min(left, CHUNK)
        if (!takeBytes(first, length).equals(takeBytes(second, length))) return false
      }
      return true
    } finally {
      first.close()
      second.close()
    }
  }
}
