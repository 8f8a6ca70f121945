import {
  type BlobStore,
  CooperageError,
  type DirectoryNode,
  type FileNode,
  fromUtf8,
  openContents,
  resolveInTree,
} from '@cooperage/store'
import { chooseIgnore } from './choose-ignore.js'
import { finishTree } from './finish-tree.js'
import { LARGEST_TEXT } from './read-directory-file.js'
import type { ContextLoadOptions, LoadedContext } from './source.js'

export interface TreeSource {
  readonly tree: DirectoryNode
  readonly identity: string
  /** Holds the content of files that is not in the tree itself. */
  readonly blobs?: BlobStore | undefined
  /** True for an archive: as with `docker build`, its own `.dockerignore` is a file like any other. */
  readonly isArchive?: boolean
  /** As in `LoadedContext`. */
  readonly time?: number | undefined
}

/** A context made of a tree that is there already. @throws as `ContextSource.load` */
export async function loadTree(source: TreeSource, options: ContextLoadOptions): Promise<LoadedContext> {
  const readFile = (path: string) => readTreeFile(source, path)
  const isAsked = options.ignoreFrom !== undefined || options.ignore !== undefined
  const ignore = source.isArchive === true && !isAsked ? undefined : await chooseIgnore(readFile, options)
  return {
    ...finishTree(source.tree, ignore, options.ignored),
    warnings: [],
    ...(ignore ? { ignore } : {}),
    identity: source.identity,
    ...(source.time !== undefined && { time: source.time }),
    readFile,
  }
}

async function readTreeFile(source: TreeSource, path: string): Promise<Uint8Array | undefined> {
  const { node, notDirectory } = resolveInTree(source.tree, fromUtf8(path))
  if (node === undefined || notDirectory) return undefined
  if (node.type !== 'file') {
    throw new CooperageError('E_CTX_NOT_FILE', `${JSON.stringify(path)} is not a file`, { data: { path } })
  }
  if (node.size > LARGEST_TEXT) {
    throw new CooperageError('E_LIMIT', `${JSON.stringify(path)} is larger than ${LARGEST_TEXT} bytes`, {
      data: { path, limit: LARGEST_TEXT, found: node.size },
    })
  }
  return node.content.kind === 'bytes' ? node.content.bytes : readStored(node, source.blobs)
}

async function readStored(node: FileNode, blobs: BlobStore | undefined): Promise<Uint8Array> {
  if (!blobs) throw new CooperageError('E_INTERNAL', 'a tree without its blobs', { category: 'internal' })
  await using contents = await openContents([node], blobs)
  const content = contents.open(node)
  const bytes = Buffer.alloc(node.size)
  for (let done = 0; done < bytes.length; ) {
    const count = content.read(bytes.subarray(done))
    if (count === 0) break
    done += count
  }
  content.close()
  return bytes
}
