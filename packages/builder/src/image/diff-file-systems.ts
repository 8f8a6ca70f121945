import {
  type ByteString,
  type DirectoryNode,
  type FileNode,
  openContents,
  type Store,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'
import { Pacer } from '../context/pacer.js'
import type { FileSystem } from '../execute/file-system.js'
import { takeBytes } from '../execute/take-bytes.js'

/** A path at which two file systems differ. */
export interface PathDifference {
  /** Absolute. */
  readonly path: string
  /** Of a directory that only one has, what it holds is named too. */
  readonly kind: 'added' | 'removed' | 'changed'
  /** What is not the same: of a path that both have. */
  readonly fields: readonly DifferentField[]
  readonly before?: EntryFacts
  readonly after?: EntryFacts
}

export type DifferentField =
  | 'type'
  | 'mode'
  | 'owner'
  | 'time'
  | 'size'
  | 'content'
  | 'target'
  | 'device'
  | 'attributes'

export interface EntryFacts {
  readonly type: TreeNode['type']
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Bytes, of a file. */
  readonly size?: number
  readonly target?: string
}

export interface DiffOptions {
  readonly store: Store
  readonly signal?: AbortSignal
}

/**
 * The paths at which two file systems differ, in the order of their names. Contents are compared where sizes are equal.
 * @throws what reading layers throws
 */
export async function diffFileSystems(
  before: FileSystem,
  after: FileSystem,
  options: DiffOptions,
): Promise<PathDifference[]> {
  const differ = new Differ(options)
  await differ.directories(await before.tree(), await after.tree(), '/')
  return differ.found
}

const CHUNK = 1 << 16

class Differ {
  readonly found: PathDifference[] = []
  readonly #options: DiffOptions
  readonly #pacer: Pacer

  constructor(options: DiffOptions) {
    this.#options = options
    this.#pacer = new Pacer(options.signal)
  }

  async directories(
    before: DirectoryNode | undefined,
    after: DirectoryNode | undefined,
    prefix: ByteString,
  ): Promise<void> {
    if (before === after) return
    const names = new Set([...(before?.children.keys() ?? []), ...(after?.children.keys() ?? [])])
    for (const name of [...names].sort()) {
      const turn = this.#pacer.step()
      if (turn) await turn
      const path = prefix + name
      const [old, node] = [before?.children.get(name), after?.children.get(name)]
      if (old === node) continue
      const kind = old === undefined ? 'added' : node === undefined ? 'removed' : 'changed'
      const fields = old === undefined || node === undefined ? [] : await this.#fields(old, node)
      if (kind !== 'changed' || fields.length > 0) {
        this.found.push({
          path: toUtf8(path),
          kind,
          fields,
          ...(old !== undefined && { before: facts(old) }),
          ...(node !== undefined && { after: facts(node) }),
        })
      }
      await this.directories(directoryOrNone(old), directoryOrNone(node), `${path}/`)
    }
  }

  async #fields(old: TreeNode, node: TreeNode): Promise<DifferentField[]> {
    const fields: DifferentField[] = []
    const check = (isSame: boolean, field: DifferentField) => isSame || fields.push(field)
    if (old.type !== node.type) return ['type']
    check(old.meta.mode === node.meta.mode, 'mode')
    check(old.meta.uid === node.meta.uid && old.meta.gid === node.meta.gid, 'owner')
    check(Math.floor(old.meta.mtime) === Math.floor(node.meta.mtime), 'time')
    check(sameXattrs(old, node), 'attributes')
    if (old.type === 'symlink' && node.type === 'symlink') check(old.target === node.target, 'target')
    if ((old.type === 'char' || old.type === 'block') && (node.type === 'char' || node.type === 'block')) {
      check(old.major === node.major && old.minor === node.minor, 'device')
    }
    if (old.type === 'file' && node.type === 'file') {
      if (old.size !== node.size) fields.push('size', 'content')
      else check(await this.#sameContent(old, node), 'content')
    }
    return fields
  }

  async #sameContent(old: FileNode, node: FileNode): Promise<boolean> {
    if (old.size === 0 || old.content === node.content) return true
    if (old.digest !== undefined && node.digest !== undefined) return old.digest === node.digest
    await using contents = await openContents([old, node], this.#options.store.blobs)
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

function directoryOrNone(node: TreeNode | undefined): DirectoryNode | undefined {
  return node?.type === 'directory' ? node : undefined
}

function sameXattrs(old: TreeNode, node: TreeNode): boolean {
  const shown = ({ meta }: TreeNode) =>
    JSON.stringify([...(meta.xattrs ?? [])].map(([key, value]) => [key, [...value]]).sort())
  return shown(old) === shown(node)
}

function facts(node: TreeNode): EntryFacts {
  const { mode, uid, gid, mtime } = node.meta
  return {
    type: node.type,
    mode,
    uid,
    gid,
    mtime: Math.floor(mtime),
    ...(node.type === 'file' && { size: node.size }),
    ...(node.type === 'symlink' && { target: toUtf8(node.target) }),
  }
}
