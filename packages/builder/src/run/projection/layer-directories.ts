import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Digest,
  type DirectoryNode,
  diffTrees,
  EMPTY_LAYER_DIFF_ID,
  type LayerItem,
  type OpenHostContent,
  readLayer,
  type Store,
  TREE_FILES,
} from '@cooperage/store'
import type { FileSystem } from '../../execute/file-system.js'
import type { FileAccess } from '../sandbox/file-access.js'
import { formOf, treeKey } from './file-form.js'
import { removeDirectory } from './remove-directory.js'
import { treeItems } from './tree-items.js'
import { unpackItems } from './unpack.js'

export interface LayerDirectoriesOptions {
  readonly store: Store
  readonly files: FileAccess
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
}

/**
 * Executors mount under short names, so that a page of options holds many; but the deeper a stack, the slower it is.
 * Deeper ones stand on one directory that holds all files of the layers below; at fixed depths, so that a stack which
 * grows by a layer finds the one that it had.
 */
const DEEPEST = 100
const MERGE_STEP = 50

/**
 * Directories of this machine with the files of images, each unpacked once and kept in the store: what overlayfs
 * stacks up, or one whole directory to copy from. One object serves a whole build; steps that need the same directory
 * at the same time wait for one unpacking.
 */
export class LayerDirectories {
  readonly #options: LayerDirectoriesOptions
  readonly #pending = new Map<Digest, Promise<string>>()

  constructor(options: LayerDirectoriesOptions) {
    this.#options = options
  }

  /** The layers of a file system as overlayfs takes them, uppermost first, at least one. They are not to be written. */
  async lowers(fileSystem: FileSystem): Promise<string[]> {
    const chain: FileSystem[] = []
    for (let at: FileSystem | undefined = fileSystem; at?.below !== undefined; at = at.below) {
      if (at.layers.at(-1)?.diffId !== EMPTY_LAYER_DIFF_ID) chain.push(at)
    }
    if (chain.length === 0) return [await this.whole(fileSystem)]
    // Uppermost first; the trees of the lower ones are needed by those above, so all may be asked for at once.
    const merged = this.#mergedBelow(chain)
    const own = chain.slice(0, chain.length - merged)
    const paths = await Promise.all(own.map((one) => this.#layer(one)))
    const bottom = chain[chain.length - merged]
    return bottom === undefined ? paths : [...paths, await this.whole(bottom)]
  }

  /** All files of a file system in one directory. Not to be written to. */
  whole(fileSystem: FileSystem): Promise<string> {
    const key = treeKey('whole', fileSystem.identity, formOf(this.#options.files))
    return this.#directory(key, async () => {
      const tree = await fileSystem.tree()
      return { root: tree, items: treeItems(await this.#stored(fileSystem, tree)) }
    })
  }

  /** Makes a directory, which lies in a scratch of this process, the one of the uppermost layer, if there is none yet. */
  async adopt(fileSystem: FileSystem, directory: string): Promise<void> {
    const key = treeKey('layer', fileSystem.identity, formOf(this.#options.files))
    const path = await this.#options.store.trees.keep(directory, key)
    this.#pending.set(key, Promise.resolve(path))
  }

  /** How many of the lowest are to be one directory. */
  #mergedBelow(chain: readonly FileSystem[]): number {
    if (chain.length <= DEEPEST) return 0
    return Math.ceil((chain.length - DEEPEST + 1) / MERGE_STEP) * MERGE_STEP
  }

  #layer(fileSystem: FileSystem): Promise<string> {
    const key = treeKey('layer', fileSystem.identity, formOf(this.#options.files))
    return this.#directory(key, async () => {
      const below = await fileSystem.below!.tree()
      const tree = await fileSystem.tree()
      return { root: tree, items: diffTrees(below, await this.#stored(fileSystem, tree)) }
    })
  }

  /**
   * The same tree with all contents in blobs: the files of a build context may be others by now. Whoever made `tree`
   * has checked the blob, or has just written it.
   */
  async #stored(fileSystem: FileSystem, tree: DirectoryNode): Promise<DirectoryNode> {
    const diffId = fileSystem.layers.at(-1)?.diffId
    if (diffId === undefined || fileSystem.below === undefined || !hasHostContent(tree)) return tree
    const { store, signal } = this.#options
    const below = await this.#stored(fileSystem.below, await fileSystem.below.tree())
    return readLayer(below, { diffId, blobs: store.blobs }, { signal, form: fileSystem.form })
  }

  #directory(key: Digest, make: () => Promise<Made>): Promise<string> {
    const known = this.#pending.get(key)
    if (known !== undefined) return known
    const path = this.#findOrMake(key, make)
    this.#pending.set(key, path)
    path.catch(() => this.#pending.delete(key))
    return path
  }

  async #findOrMake(key: Digest, make: () => Promise<Made>): Promise<string> {
    const { store } = this.#options
    const found = await store.trees.find(key)
    if (found !== undefined) return found
    const { root, items } = await make()
    const scratch = await store.trees.scratch()
    try {
      const directory = join(scratch, TREE_FILES)
      await mkdir(directory, { mode: 0o700 })
      await unpackItems(items, directory, { ...this.#options, root: root.meta })
      return await store.trees.keep(directory, key)
    } finally {
      // Unpacked in part, or for nothing: another process may have been quicker.
      if (existsSync(scratch)) await removeDirectory(scratch, this.#options.files)
    }
  }
}

interface Made {
  readonly root: DirectoryNode
  readonly items: readonly LayerItem[]
}

function hasHostContent(directory: DirectoryNode): boolean {
  for (const child of directory.children.values()) {
    if (child.type === 'directory' && hasHostContent(child)) return true
    if (child.type === 'file' && child.content.kind === 'host') return true
  }
  return false
}
