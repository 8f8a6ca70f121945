import {
  type ByteString,
  CooperageError,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  joinNames,
  type LayerItem,
  type Metadata,
  resolveInTree,
  splitPath,
  TreeEditor,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'

/** Something that is mounted into a container. */
export interface WantedTarget {
  /** Absolute. */
  readonly target: string
  readonly type: 'directory' | 'file'
  /** Of a directory that is made for it; default 0755. */
  readonly mode?: number
}

export interface PlacedTargets {
  /** Where each is mounted: a path without links, in the order asked for. */
  readonly targets: readonly string[]
  /** The mode of the directory of the image at each; undefined where there is none. */
  readonly modes: readonly (number | undefined)[]
  /**
   * What the image lacks of these paths, with the directories above it as they are in the image: a directory to lie on
   * top of its layers, so that nobody has to make anything in the one that becomes the next layer. Undefined when
   * nothing is missing.
   */
  readonly stubs: DirectoryNode | undefined
  /** The paths in `stubs` that the image does not have, without a slash in front. */
  readonly stubPaths: ReadonlySet<ByteString>
  /**
   * The places for the kernel's file systems that the image lacks. As with BuildKit, whose runtime makes them, they
   * become part of the layer.
   */
  readonly kept: readonly LayerItem[]
}

/** What every container has, whatever the image holds there. */
const OF_THE_KERNEL: readonly WantedTarget[] = ['/dev', '/proc', '/sys'].map((target) => ({
  target,
  type: 'directory',
}))

/**
 * Finds the places of mounts, given in the order in which they are made, in the tree that the container gets. Links are
 * followed in the tree, never on this machine; below an earlier mount nothing of the image can be seen.
 * @throws E_MOUNT_TARGET for a place that cannot be mounted on
 */
export function placeTargets(
  tree: DirectoryNode,
  wanted: readonly WantedTarget[],
  mtime: number,
): PlacedTargets {
  const placer = new Placer(tree, mtime)
  for (const { target } of OF_THE_KERNEL) placer.placeOfKernel(target)
  const places = wanted.map((one) => placer.place(one))
  return {
    targets: places.map(({ target }) => target),
    modes: places.map(({ mode }) => mode),
    stubs: placer.stubs(),
    stubPaths: placer.stubPaths,
    kept: placer.kept,
  }
}

class Placer {
  readonly stubPaths = new Set<ByteString>()
  readonly kept: LayerItem[] = []
  readonly #tree: DirectoryNode
  readonly #made: Metadata
  readonly #editor: TreeEditor
  readonly #mounted: (readonly ByteString[])[] = []

  constructor(tree: DirectoryNode, mtime: number) {
    this.#tree = tree
    this.#made = { mode: 0o755, uid: 0, gid: 0, mtime }
    this.#editor = new TreeEditor(directoryOf(tree.meta))
  }

  stubs(): DirectoryNode | undefined {
    return this.stubPaths.size === 0 ? undefined : this.#editor.finish()
  }

  placeOfKernel(target: string): void {
    const names = splitPath(target)
    const node = this.#tree.children.get(names[0]!)
    if (node !== undefined && node.type !== 'directory') {
      throw refused(target, `the image has a ${node.type} there`)
    }
    if (node === undefined) this.kept.push({ kind: 'node', path: names[0]!, node: directoryOf(this.#made) })
    this.#mounted.push(names)
  }

  place(wanted: WantedTarget): { readonly target: string; readonly mode: number | undefined } {
    const { target, type } = wanted
    const path = fromUtf8(target)
    const { names, node, notDirectory } = resolveInTree(this.#tree, path)
    const written = splitPath(path)
    if (names.length === 0) throw refused(target, 'the root cannot be covered')
    // Below another mount its own files count, which nobody has looked at.
    const isInside = this.#isMounted(names) || this.#isMounted(written)
    const place = this.#isMounted(names) ? names : isInside ? written : names
    if (place[0] === 'proc' || place[0] === 'sys') throw refused(target, `it lies in /${place[0]}`)
    if (!isInside) {
      if (notDirectory) throw refused(target, 'a part of the path is not a directory')
      if (node !== undefined && isDirectory(node) !== (type === 'directory')) {
        throw refused(target, `a ${type} cannot be mounted on the ${node.type} of the image`)
      }
      if (node === undefined) this.#stub(names, wanted)
    }
    this.#mounted.push(place)
    const covered = !isInside && node?.type === 'directory' ? node : undefined
    return { target: toUtf8(joinNames(place)), mode: covered?.meta.mode }
  }

  #isMounted(names: readonly ByteString[]): boolean {
    return this.#mounted.some(
      (mount) => mount.length < names.length && mount.every((name, at) => name === names[at]),
    )
  }

  #stub(names: readonly ByteString[], { type, mode = 0o755 }: WantedTarget): void {
    for (let length = 1; length <= names.length; length++) {
      const path = names.slice(0, length)
      if (this.#editor.get(path) !== undefined) continue
      const { node } = resolveInTree(this.#tree, joinNames(path), { followLast: false })
      if (node?.type === 'directory') {
        this.#editor.put(path, directoryOf(node.meta))
        continue
      }
      this.stubPaths.add(path.join('/'))
      const isLast = length === names.length
      const made = isLast ? { ...this.#made, mode } : this.#made
      this.#editor.put(path, isLast && type === 'file' ? this.#emptyFile() : directoryOf(made))
      // A runtime that makes it leaves this trace: the time of the directory above.
      const above = path.slice(0, -1)
      const parent = this.#editor.get(above) as DirectoryNode
      if (above.length > 0) this.#editor.setDirectoryMeta(above, { ...parent.meta, mtime: this.#made.mtime })
    }
  }

  #emptyFile(): TreeNode {
    const content = { kind: 'bytes', bytes: new Uint8Array(0) } as const
    return { type: 'file', meta: { ...this.#made, mode: 0o644 }, size: 0, content }
  }
}

function isDirectory(node: TreeNode): boolean {
  return node.type === 'directory'
}

function refused(target: string, why: string): CooperageError {
  return new CooperageError('E_MOUNT_TARGET', `nothing can be mounted at ${target}: ${why}`, {
    hint: 'choose another target for the mount',
    data: { target },
  })
}
