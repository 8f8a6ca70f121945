import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  type Digest,
  type DirectoryNode,
  directoryOf,
  type OpenHostContent,
  type Store,
  type TreeNode,
} from '@cooperage/store'
import { formOf } from '../projection/file-form.js'
import { removeDirectory } from '../projection/remove-directory.js'
import { treeItems } from '../projection/tree-items.js'
import { unpackItems } from '../projection/unpack.js'
import type { FileAccess } from '../sandbox/file-access.js'
import { timesDigest } from './times-digest.js'

/** The name of a single file in the directory made for it. */
const FILE = 'f'

export interface ProjectOptions {
  readonly store: Store
  readonly files: FileAccess
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
}

/**
 * A directory or file of a tree on this machine's disk, made once for each content with its times, and not to be
 * written to. Times are in no step's key, but tools like make that find older ones than they saw do nothing.
 * @param content names what is in it
 */
export async function projectBind(
  node: TreeNode,
  content: string,
  options: ProjectOptions,
): Promise<{ readonly path: string; readonly type: 'directory' | 'file' }> {
  const { store, files } = options
  const type = node.type === 'directory' ? 'directory' : 'file'
  const root = node.type === 'directory' ? node : holding(node)
  const key = keyOf(node, content, files)
  const path = (await store.trees.find(key)) ?? (await unpack(root, key, options))
  return { path: type === 'file' ? `${path}/${FILE}` : path, type }
}

async function unpack(root: DirectoryNode, key: Digest, options: ProjectOptions): Promise<string> {
  const { store, files } = options
  const scratch = await store.trees.scratch()
  try {
    await unpackItems(treeItems(root), scratch, { ...options, root: root.meta, hasFractions: true })
    return await store.trees.keep(scratch, key)
  } finally {
    if (existsSync(scratch)) await removeDirectory(scratch, files)
  }
}

function holding(node: TreeNode): DirectoryNode {
  return {
    ...directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: node.meta.mtime }),
    children: new Map([[FILE, node]]),
  }
}

function keyOf(node: TreeNode, content: string, files: FileAccess): Digest {
  const text = JSON.stringify(['bind', content, timesDigest(node), formOf(files)])
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
