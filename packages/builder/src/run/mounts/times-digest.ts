import { createHash } from 'node:crypto'
import type { TreeNode } from '@cooperage/store'

/** A digest of the times of a node and all below it. They come in the order of the names, which it does not tell. */
export function timesDigest(node: TreeNode): string {
  const hash = createHash('sha256')
  add(node)
  return hash.digest('hex')

  function add(one: TreeNode): void {
    hash.update(`${one.meta.mtime};`)
    if (one.type !== 'directory') return
    for (const name of [...one.children.keys()].sort()) add(one.children.get(name)!)
  }
}
