import { type ByteString, toUtf8 } from '../bytes.js'
import type { Digest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { sortedNames } from './directory.js'
import type { DirectoryNode, FileNode, TreeNode } from './node.js'
import { sameAttributes } from './same-attributes.js'
import { isWhiteoutName } from './whiteout.js'

/** One entry of a layer, in the order in which it is written. Paths have no slash at either end. */
export type LayerItem =
  | { readonly kind: 'node'; readonly path: ByteString; readonly node: TreeNode }
  /** Another name for an entry that came earlier in the same layer. */
  | {
      readonly kind: 'hardlink'
      readonly path: ByteString
      readonly target: ByteString
      readonly node: TreeNode
    }
  /** `path` names what is gone. */
  | { readonly kind: 'whiteout'; readonly path: ByteString }

/**
 * The layer that turns one tree into the other: `applyLayer(below, diffTrees(below, above))` equals `above`.
 * Order is that of a walk with names sorted by bytes, a directory before what it holds. Every directory above a
 * change is named, with its attributes, because some readers of layers would otherwise make it 0755 root. A
 * directory whose time alone differs is not a change. Opaque directories are never written: what is gone is
 * named, one whiteout each (image-spec, layer.md, "Whiteouts").
 * @param digestOf what is known of a file's content: files whose contents are not known to be equal count as changed
 * @throws E_WHITEOUT_NAME for a new name that starts with `.wh.`
 */
export function diffTrees(
  below: DirectoryNode,
  above: DirectoryNode,
  digestOf: DigestOf = ({ digest }) => digest,
): LayerItem[] {
  const items: LayerItem[] = []
  const firstPaths = new Map<TreeNode, ByteString>()
  diffDirectories(below, above, '')
  return items

  function diffDirectories(lower: DirectoryNode | undefined, upper: DirectoryNode, prefix: ByteString): void {
    for (const name of lower === undefined ? sortedNames(upper) : unionOfNames(lower, upper)) {
      const path = prefix + name
      const node = upper.children.get(name)
      const old = lower?.children.get(name)
      if (node === undefined) items.push({ kind: 'whiteout', path })
      else if (node !== old) {
        if (isWhiteoutName(name)) throw whiteoutLike(path)
        diffNodes(old, node, path)
      }
    }
  }

  function diffNodes(old: TreeNode | undefined, node: TreeNode, path: ByteString): void {
    if (node.type !== 'directory') {
      if (old === undefined || !isSameLeaf(old, node, digestOf)) pushLeaf(node, path)
      return
    }
    const lower = old?.type === 'directory' ? old : undefined
    const start = items.length
    items.push({ kind: 'node', path, node })
    diffDirectories(lower, node, `${path}/`)
    const unchanged =
      lower !== undefined && items.length === start + 1 && sameAttributes(lower.meta, node.meta)
    if (unchanged) items.length = start
  }

  function pushLeaf(node: TreeNode, path: ByteString): void {
    const target = firstPaths.get(node)
    if (target !== undefined) items.push({ kind: 'hardlink', path, target, node })
    else {
      firstPaths.set(node, path)
      items.push({ kind: 'node', path, node })
    }
  }
}

/** The digest of a file's content, when it is known. */
export type DigestOf = (node: FileNode) => Digest | undefined

/**
 * Files of both trees whose contents decide whether a layer names them, and whose digests are not known: they are
 * alike in all else. Without those digests a layer would depend on what happens to be known.
 */
export function undecidedFiles(
  below: DirectoryNode,
  above: DirectoryNode,
  digestOf: DigestOf,
): Set<FileNode> {
  const undecided = new Set<FileNode>()
  visit(below, above)
  return undecided

  function visit(lower: DirectoryNode, upper: DirectoryNode): void {
    if (lower === upper) return
    for (const [name, node] of upper.children) {
      const old = lower.children.get(name)
      if (old === undefined || old === node) continue
      if (node.type === 'directory' && old.type === 'directory') visit(old, node)
      else if (node.type === 'file' && old.type === 'file' && isAlike(old, node)) {
        for (const file of [old, node]) if (digestOf(file) === undefined) undecided.add(file)
      }
    }
  }

  function isAlike(old: FileNode, node: FileNode): boolean {
    const isOpen = old.size === node.size && old.size > 0 && old.content !== node.content
    return isOpen && sameAttributes(old.meta, node.meta) && isSameTime(old, node)
  }
}

/** In a layer such a name would hide another file in place of being one (image-spec, layer.md, "Whiteouts"). */
function whiteoutLike(path: ByteString): CooperageError {
  return new CooperageError(
    'E_WHITEOUT_NAME',
    `an image cannot hold a file named ${JSON.stringify(toUtf8(path))}`,
    {
      hint: 'names that start with ".wh." mean the absence of a file; rename it, or leave it out with .dockerignore',
      data: { path: toUtf8(path) },
    },
  )
}

function unionOfNames(lower: DirectoryNode, upper: DirectoryNode): ByteString[] {
  const names = [...upper.children.keys()]
  for (const name of lower.children.keys()) if (!upper.children.has(name)) names.push(name)
  return names.sort()
}

/** Whole seconds of mtime count, since layers keep no more; content counts as equal only when that is known. */
function isSameLeaf(old: TreeNode, node: TreeNode, digestOf: DigestOf): boolean {
  if (old.type !== node.type || !sameAttributes(old.meta, node.meta)) return false
  if (!isSameTime(old, node)) return false
  if (node.type === 'file' && old.type === 'file') return isSameContent(old, node, digestOf)
  if (node.type === 'symlink' && old.type === 'symlink') return old.target === node.target
  if ((node.type === 'char' || node.type === 'block') && (old.type === 'char' || old.type === 'block')) {
    return old.major === node.major && old.minor === node.minor
  }
  return true
}

function isSameTime(old: TreeNode, node: TreeNode): boolean {
  return Math.floor(old.meta.mtime) === Math.floor(node.meta.mtime)
}

function isSameContent(old: FileNode, node: FileNode, digestOf: DigestOf): boolean {
  if (old.size !== node.size) return false
  if (old.size === 0 || old.content === node.content) return true
  const digest = digestOf(old)
  return digest !== undefined && digest === digestOf(node)
}
