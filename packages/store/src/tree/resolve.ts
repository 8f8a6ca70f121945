import { type ByteString, toUtf8 } from '../bytes.js'
import { CooperageError } from '../errors.js'
import type { DirectoryNode, TreeNode } from './node.js'

/** Linux gives up after this many symbolic links in one path (path_resolution(7)). */
const MAX_LINKS = 40

export interface Resolution {
  /** Names from the root without any link in them; those that do not exist yet are included. */
  readonly names: readonly ByteString[]
  /** What is there, or undefined. */
  readonly node: TreeNode | undefined
  /** How many of `names` exist. */
  readonly existing: number
  /** True when a part of the path that must be a directory is something else. */
  readonly notDirectory: boolean
}

export interface ResolveOptions {
  /** Default true: a link at the end is followed too. */
  readonly followLast?: boolean
}

/**
 * Resolves a path as a process chrooted into the tree would: absolute links start at the root, `..` stops there.
 * @throws E_LOOP after 40 links.
 */
export function resolveInTree(
  root: DirectoryNode,
  path: ByteString,
  options: ResolveOptions = {},
): Resolution {
  const followLast = options.followLast ?? true
  const pending = path.split('/').reverse()
  const names: ByteString[] = []
  const nodes: (TreeNode | undefined)[] = [root]
  let links = 0
  let notDirectory = false
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (names.length > 0) {
        names.pop()
        nodes.pop()
      }
      continue
    }
    const parent = nodes[nodes.length - 1]
    if (parent !== undefined && parent.type !== 'directory') notDirectory = true
    const child = parent?.type === 'directory' ? parent.children.get(part) : undefined
    if (child?.type === 'symlink' && (followLast || pending.some((rest) => rest !== '' && rest !== '.'))) {
      links++
      if (links > MAX_LINKS) {
        throw new CooperageError('E_LOOP', `too many symbolic links in ${JSON.stringify(toUtf8(path))}`, {
          hint: `a path may pass ${MAX_LINKS} symbolic links, as on Linux`,
        })
      }
      if (child.target.startsWith('/')) {
        names.length = 0
        nodes.length = 1
      }
      pending.push(...child.target.split('/').reverse())
      continue
    }
    names.push(part)
    nodes.push(child)
  }
  let existing = nodes.length - 1
  while (existing > 0 && nodes[existing] === undefined) existing--
  return { names, node: nodes[nodes.length - 1], existing, notDirectory }
}
