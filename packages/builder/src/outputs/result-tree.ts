import {
  type ByteString,
  CooperageError,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'
import type { BuildOutcome, ResultImage } from './describe-result.js'

export interface ResultTreeOptions {
  /** A directory such as `linux_amd64` for each platform; default where the result is for several. */
  readonly platformSplit?: boolean
  /** Seconds since 1970 that everything gets. */
  readonly epoch: number | undefined
}

/**
 * The files of a result as one tree, as BuildKit's exporters of files lay them out: each platform in a directory of its
 * own, or all in one where no two have the same name.
 * @throws E_OUTPUT_SPLIT for two files of one name
 */
export async function resultTree(
  { images, isMulti }: BuildOutcome,
  { platformSplit = isMulti, epoch }: ResultTreeOptions,
): Promise<DirectoryNode> {
  const trees = new Map<string, DirectoryNode>()
  for (const image of images) trees.set(image.name, await treeOf(image, epoch))
  const [first] = trees.values()
  if (!platformSplit) {
    let all = first!
    let names = [...trees.keys()].slice(0, 1)
    for (const [name, tree] of [...trees].slice(1)) {
      all = merged(all, tree, { path: '', into: names.join(' and '), from: name })
      names = [...names, name]
    }
    return all
  }
  const meta = { mode: 0o755, uid: 0, gid: 0, mtime: epoch ?? 0 }
  const split = [...trees].map(([name, tree]): [ByteString, DirectoryNode] => [
    fromUtf8(name.replaceAll('/', '_')),
    { ...tree, meta },
  ])
  return { ...directoryOf(meta), children: new Map(split) }
}

async function treeOf({ fileSystem }: ResultImage, epoch: number | undefined): Promise<DirectoryNode> {
  const tree = await fileSystem.tree()
  return epoch === undefined ? tree : (timed(tree, epoch, new Map()) as DirectoryNode)
}

/** Two names of one node, a hard link, stay two names of one node. */
function timed(node: TreeNode, mtime: number, known: Map<TreeNode, TreeNode>): TreeNode {
  const found = known.get(node)
  if (found !== undefined) return found
  const meta = { ...node.meta, mtime }
  const made: TreeNode =
    node.type === 'directory'
      ? {
          ...node,
          meta,
          children: new Map([...node.children].map(([name, child]) => [name, timed(child, mtime, known)])),
        }
      : { ...node, meta }
  known.set(node, made)
  return made
}

interface Merge {
  readonly path: string
  readonly into: string
  readonly from: string
}

function merged(into: DirectoryNode, from: DirectoryNode, merge: Merge): DirectoryNode {
  const children = new Map(into.children)
  for (const [name, node] of from.children) {
    const other = children.get(name)
    const path = `${merge.path}${toUtf8(name)}`
    if (other === undefined) children.set(name, node)
    else if (other.type === 'directory' && node.type === 'directory') {
      children.set(name, merged(other, node, { ...merge, path: `${path}/` }))
    } else throw overwrites(path, merge)
  }
  return { ...into, children }
}

function overwrites(path: string, { into, from }: Merge): CooperageError {
  return new CooperageError(
    'E_OUTPUT_SPLIT',
    `cannot overwrite ${path} from ${into} with ${from} when split option is disabled`,
    { hint: 'leave platform-split=false out: each platform then gets a directory', data: { path } },
  )
}
