import type { Digest } from '../digest.js'
import type { DirectoryNode, FileNode, Metadata, TreeNode } from './node.js'

/** Nodes are arrays: a tree has many nodes, and names of fields would be most of the text. */
export type EncodedNode =
  | readonly ['d', meta: number, children: readonly (string | EncodedNode)[]]
  | readonly ['f', meta: number, size: number, blob: number, offset: number, digest?: string]
  | readonly ['s', meta: number, size: number, blob: number, runs: readonly number[], digest?: string]
  | readonly ['b', meta: number, bytes: string, digest?: string]
  | readonly ['l', meta: number, target: string]
  | readonly ['c' | 'k', meta: number, major: number, minor: number]
  | readonly ['p', meta: number]
  /** The first of several names, and another one of the same inode. */
  | readonly ['i', node: EncodedNode]
  | readonly ['h', inode: number]

export type EncodedMetadata = readonly [
  mode: number,
  uid: number,
  gid: number,
  mtime: number,
  xattrs?: readonly (readonly [name: string, value: string])[],
]

export interface TreeDocument {
  readonly blobs: readonly string[]
  readonly metas: readonly EncodedMetadata[]
  readonly root: EncodedNode
}

/**
 * A tree as JSON, which `decodeTree` reads: for keeping what reading layers has given. Contents are references.
 * @returns undefined for a tree with files of a build context, which other moments know nothing of
 */
export function encodeTree(root: DirectoryNode): string | undefined {
  const encoder = new Encoder(root)
  const encoded = encoder.node(root)
  if (encoder.hasHostFiles) return undefined
  const document: TreeDocument = { blobs: [...encoder.blobs.keys()], metas: encoder.metas, root: encoded }
  return JSON.stringify(document)
}

class Encoder {
  readonly blobs = new Map<Digest, number>()
  readonly metas: EncodedMetadata[] = []
  hasHostFiles = false
  readonly #metaNumbers = new Map<string, number>()
  readonly #shared: ReadonlySet<TreeNode>
  readonly #inodes = new Map<TreeNode, number>()

  constructor(root: DirectoryNode) {
    this.#shared = sharedNodes(root)
  }

  node(node: TreeNode): EncodedNode {
    if (!this.#shared.has(node)) return this.#plain(node)
    const known = this.#inodes.get(node)
    if (known !== undefined) return ['h', known]
    this.#inodes.set(node, this.#inodes.size)
    return ['i', this.#plain(node)]
  }

  #plain(node: TreeNode): EncodedNode {
    const meta = this.#meta(node.meta)
    switch (node.type) {
      case 'directory': {
        const children: (string | EncodedNode)[] = []
        for (const [name, child] of node.children) children.push(name, this.node(child))
        return ['d', meta, children]
      }
      case 'file':
        return this.#file(node, meta)
      case 'symlink':
        return ['l', meta, node.target]
      case 'char':
      case 'block':
        return [node.type === 'char' ? 'c' : 'k', meta, node.major, node.minor]
      case 'fifo':
        return ['p', meta]
    }
  }

  #file({ content, size, digest }: FileNode, meta: number): EncodedNode {
    const known: [] | [string] = digest === undefined ? [] : [digest]
    switch (content.kind) {
      case 'blob':
        return ['f', meta, size, this.#blob(content.blob), content.offset, ...known]
      case 'sparse': {
        const runs = content.runs.flatMap(({ at, offset, length }) => [at, offset, length])
        return ['s', meta, size, this.#blob(content.blob), runs, ...known]
      }
      case 'bytes':
        return ['b', meta, Buffer.from(content.bytes).toString('base64'), ...known]
      case 'host':
        this.hasHostFiles = true
        return ['p', meta]
    }
  }

  #blob(digest: Digest): number {
    const number = this.blobs.get(digest) ?? this.blobs.size
    this.blobs.set(digest, number)
    return number
  }

  #meta({ mode, uid, gid, mtime, xattrs }: Metadata): number {
    const attributes = xattrs && [...xattrs].map(([name, value]) => [name, base64(value)] as const)
    const key = `${mode} ${uid} ${gid} ${mtime} ${attributes === undefined ? '' : JSON.stringify(attributes)}`
    const known = this.#metaNumbers.get(key)
    if (known !== undefined) return known
    this.#metaNumbers.set(key, this.metas.length)
    return this.metas.push(attributes ? [mode, uid, gid, mtime, attributes] : [mode, uid, gid, mtime]) - 1
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function sharedNodes(root: DirectoryNode): Set<TreeNode> {
  const seen = new Set<TreeNode>()
  const shared = new Set<TreeNode>()
  const visit = (directory: DirectoryNode): void => {
    for (const child of directory.children.values()) {
      if (child.type === 'directory') visit(child)
      else if (seen.has(child)) shared.add(child)
      else seen.add(child)
    }
  }
  visit(root)
  return shared
}
