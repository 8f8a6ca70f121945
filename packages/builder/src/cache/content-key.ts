import { createHash } from 'node:crypto'
import type { ByteString, Digest, FileNode, Metadata, TreeNode } from '@cooperage/store'
import type { CopyItem } from '../execute/copy-into.js'

/** Framed text is gathered up to this size before it is hashed: one call for many entries. */
const BATCH = 1 << 18

/**
 * A digest of what a COPY takes: every entry below every item with its name, type, mode, owner, link target and
 * content digest. `digestOf` must know every file. Without an epoch times are left out: a file that was only touched is
 * the same file. With one (`mtimeLimit`, seconds since 1970) those before it count, for the layer keeps them, and a
 * build that asks for the same bytes each time must not get those of another checkout.
 */
export function contentKey(
  items: readonly CopyItem[],
  digestOf: (node: FileNode) => Digest,
  mtimeLimit?: number,
): Digest {
  const hash = createHash('sha256')
  let text = `${items.length};`
  const links = new Map<TreeNode, number>()
  for (const item of items) add(lastName(item.path), item.node)
  hash.update(text, 'latin1')
  return `sha256:${hash.digest('hex')}`

  function add(name: ByteString, node: TreeNode): void {
    text += `${name.length}:${name}${node.type};${attributes(node.meta)}${time(node.meta)}${detail(node)};`
    if (text.length > BATCH) {
      hash.update(text, 'latin1')
      text = ''
    }
    if (node.type !== 'directory') return
    text += `${node.children.size};`
    for (const child of [...node.children.keys()].sort()) add(child, node.children.get(child)!)
  }

  function time({ mtime }: Metadata): string {
    return mtimeLimit === undefined ? '' : `${Math.min(Math.floor(mtime), mtimeLimit)};`
  }

  function detail(node: TreeNode): string {
    switch (node.type) {
      case 'file': {
        const earlier = links.get(node)
        if (earlier !== undefined) return `same as ${earlier}`
        links.set(node, links.size)
        return digestOf(node)
      }
      case 'symlink':
        return `${node.target.length}:${node.target}`
      case 'char':
      case 'block':
        return `${node.major},${node.minor}`
      default:
        return ''
    }
  }
}

function attributes(meta: Metadata): string {
  let text = `${meta.mode.toString(8)},${meta.uid},${meta.gid};`
  if (meta.xattrs === undefined) return text
  for (const key of [...meta.xattrs.keys()].sort()) {
    const value = Buffer.from(meta.xattrs.get(key)!).toString('latin1')
    text += `${key.length}:${key}${value.length}:${value}`
  }
  return `${text};`
}

function lastName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1)
}
