import { parseDigest } from '../digest.js'
import type { EncodedMetadata, EncodedNode, TreeDocument } from './encode-tree.js'
import type { DirectoryNode, FileNode, Metadata, SparseRun, TreeNode } from './node.js'

/** The tree of a text that `encodeTree` made. It is trusted: a record is known to be as it was put. */
export function decodeTree(text: string): DirectoryNode {
  const { blobs, metas, root } = JSON.parse(text) as TreeDocument
  const decoder = new Decoder(blobs.map(parseDigest), metas.map(decodeMetadata))
  return decoder.node(root) as DirectoryNode
}

class Decoder {
  readonly #blobs: readonly ReturnType<typeof parseDigest>[]
  readonly #metas: readonly Metadata[]
  readonly #inodes: TreeNode[] = []

  constructor(blobs: readonly ReturnType<typeof parseDigest>[], metas: readonly Metadata[]) {
    this.#blobs = blobs
    this.#metas = metas
  }

  node(encoded: EncodedNode): TreeNode {
    switch (encoded[0]) {
      case 'd': {
        const children = new Map<string, TreeNode>()
        const list = encoded[2]
        for (let at = 0; at < list.length; at += 2)
          children.set(list[at] as string, this.node(list[at + 1] as EncodedNode))
        return { type: 'directory', meta: this.#metas[encoded[1]]!, children }
      }
      case 'f': {
        const [, meta, size, blob, offset, digest] = encoded
        const content = { kind: 'blob', blob: this.#blobs[blob]!, offset } as const
        return this.#file(meta, { size, content }, digest)
      }
      case 's': {
        const [, meta, size, blob, numbers, digest] = encoded
        const runs: SparseRun[] = []
        for (let at = 0; at < numbers.length; at += 3)
          runs.push({ at: numbers[at]!, offset: numbers[at + 1]!, length: numbers[at + 2]! })
        const content = { kind: 'sparse', blob: this.#blobs[blob]!, runs } as const
        return this.#file(meta, { size, content }, digest)
      }
      case 'b': {
        const bytes = Buffer.from(encoded[2], 'base64')
        return this.#file(encoded[1], { size: bytes.length, content: { kind: 'bytes', bytes } }, encoded[3])
      }
      case 'l':
        return { type: 'symlink', meta: this.#metas[encoded[1]]!, target: encoded[2] }
      case 'c':
      case 'k': {
        const [kind, meta, major, minor] = encoded
        return { type: kind === 'c' ? 'char' : 'block', meta: this.#metas[meta]!, major, minor }
      }
      case 'p':
        return { type: 'fifo', meta: this.#metas[encoded[1]]! }
      case 'i': {
        const at = this.#inodes.length
        const node = this.node(encoded[1])
        this.#inodes[at] = node
        return node
      }
      case 'h':
        return this.#inodes[encoded[1]]!
    }
  }

  #file(meta: number, { size, content }: Pick<FileNode, 'size' | 'content'>, digest?: string): FileNode {
    const node = { type: 'file', meta: this.#metas[meta]!, size, content } as const
    return digest === undefined ? node : { ...node, digest: parseDigest(digest) }
  }
}

function decodeMetadata([mode, uid, gid, mtime, xattrs]: EncodedMetadata): Metadata {
  if (xattrs === undefined) return { mode, uid, gid, mtime }
  const entries = xattrs.map(([name, value]) => [name, Buffer.from(value, 'base64')] as const)
  return { mode, uid, gid, mtime, xattrs: new Map(entries) }
}
