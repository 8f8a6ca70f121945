import { type ByteString, toUtf8 } from '../bytes.js'
import { CooperageError } from '../errors.js'
import { plainDirectory } from './directory.js'
import type { DirectoryNode, Metadata, TreeNode } from './node.js'
import { joinNames } from './path.js'

/** A directory that belongs to one editor alone, and so may be changed in place. */
interface OwnDirectory {
  readonly type: 'directory'
  meta: Metadata
  children: Map<ByteString, TreeNode>
}

/**
 * Many changes to a tree at the price of one: directories are copied when first touched, then changed in place;
 * `finish` gives the new tree, and the old one stays as it was. Paths are names without links (see `resolveInTree`).
 */
export class TreeEditor {
  #root: DirectoryNode
  readonly #own = new Set<DirectoryNode>()

  constructor(root: DirectoryNode) {
    this.#root = root
  }

  /** The tree as it is now; further edits may or may not show in it. */
  get current(): DirectoryNode {
    return this.#root
  }

  get(names: readonly ByteString[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root
    for (const name of names) {
      if (node?.type !== 'directory') return undefined
      node = node.children.get(name)
    }
    return node
  }

  /** Puts a node at a path, in place of what is there. The parent must be a directory. */
  put(names: readonly ByteString[], node: TreeNode): void {
    if (names.length === 0) {
      if (node.type !== 'directory') throw notDirectory(names)
      this.#root = node
      return
    }
    this.#ownParent(names).children.set(names[names.length - 1]!, node)
  }

  /** True when something was there. */
  remove(names: readonly ByteString[]): boolean {
    if (names.length === 0 || this.get(names) === undefined) return false
    return this.#ownParent(names).children.delete(names[names.length - 1]!)
  }

  /** Changes the attributes of a directory that exists, and keeps its children. */
  setDirectoryMeta(names: readonly ByteString[], meta: Metadata): void {
    this.#ownDirectory(names).meta = meta
  }

  /** Makes the missing directories of a path; those that exist stay as they are. @throws E_NOT_DIRECTORY */
  ensureDirectory(names: readonly ByteString[], make: () => DirectoryNode = () => plainDirectory(0)): void {
    for (let length = 1; length <= names.length; length++) {
      const path = names.slice(0, length)
      const node = this.get(path)
      if (node === undefined) this.put(path, make())
      else if (node.type !== 'directory') throw notDirectory(path)
    }
  }

  /** The new tree. The editor may go on; what it changes afterwards is in a copy of its own. */
  finish(): DirectoryNode {
    this.#own.clear()
    return this.#root
  }

  #ownParent(names: readonly ByteString[]): OwnDirectory {
    return this.#ownDirectory(names.slice(0, -1))
  }

  #ownDirectory(names: readonly ByteString[]): OwnDirectory {
    let directory = this.#claim(this.#root)
    this.#root = directory
    for (let depth = 0; depth < names.length; depth++) {
      const name = names[depth]!
      const child = directory.children.get(name)
      if (child?.type !== 'directory') throw notDirectory(names.slice(0, depth + 1))
      const own = this.#claim(child)
      if (own !== child) directory.children.set(name, own)
      directory = own
    }
    return directory
  }

  #claim(directory: DirectoryNode): OwnDirectory {
    if (this.#own.has(directory)) return directory as OwnDirectory
    const own: OwnDirectory = {
      type: 'directory',
      meta: directory.meta,
      children: new Map(directory.children),
    }
    this.#own.add(own)
    return own
  }
}

function notDirectory(names: readonly ByteString[]): CooperageError {
  const path = toUtf8(joinNames(names))
  return new CooperageError('E_NOT_DIRECTORY', `not a directory: ${path}`, { data: { path } })
}
