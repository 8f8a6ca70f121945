import {
  type BlobStore,
  type ByteString,
  type Contents,
  type DirectoryNode,
  type FileNode,
  type LayerItem,
  type LayerStream,
  type Metadata,
  type OpenHostContent,
  openContents,
  type TarItem,
  type TreeNode,
} from '@cooperage/store'
import { takeBytes } from '../../execute/take-bytes.js'
import type { FileForm } from './file-form.js'
import { sameEntry } from './same-entry.js'
import { type UpperEntry, upperEntry } from './upper-entry.js'

export interface UpperLayerOptions {
  /** What the process found. */
  readonly below: DirectoryNode
  /** Mount points that the image lacks: what is still empty of them is nobody's doing. */
  readonly stubs: ReadonlySet<ByteString>
  readonly form: FileForm
  readonly blobs: BlobStore
  readonly openHost: OpenHostContent
  /** Reads a file of the upper directory again. */
  readonly reopen: (path: ByteString) => AsyncIterable<Uint8Array>
}

/** A directory on the way down to the entry at hand. */
interface Frame {
  readonly names: readonly ByteString[]
  /** The directory below, when there is one. */
  readonly below: DirectoryNode | undefined
  /** Nothing below shines through: what the entries do not name is gone. */
  isPure: boolean
  /** Of a pure directory: names below that no entry has come for yet, the next one last. */
  missing: ByteString[]
  /** Under fuse-overlayfs, which may say late that a directory is pure: the names that have come. */
  readonly seen: Set<ByteString> | undefined
  /** Not written yet: it is unless nothing in it has changed. */
  pending: DirectoryNode | undefined
}

/** An inode of which tar has shown one name. */
interface SeenInode {
  readonly node: TreeNode
  /** The path in the layer, once it is there. */
  path: ByteString | undefined
  /** Of one that is not in the layer: the file below that it equals. */
  readonly twin: TreeNode | undefined
}

/**
 * What a process has changed, as a layer: reads the archive of an upper directory in the order in which a layer is
 * written, and writes it as it goes by. As BuildKit does it: what was copied up and is unchanged is left out, a
 * directory above a change is named with its attributes, and instead of an opaque directory each file that is gone is.
 */
export class UpperLayer {
  readonly #options: UpperLayerOptions
  readonly #layer: LayerStream
  readonly #frames: Frame[] = []
  readonly #inodes = new Map<ByteString, SeenInode>()
  /** False when the upper directory holds what the layer does not. */
  isExact = true

  constructor(layer: LayerStream, options: UpperLayerOptions) {
    this.#layer = layer
    this.#options = options
    const seen = this.#newSeen()
    this.#frames.push({
      names: [],
      below: options.below,
      isPure: false,
      missing: [],
      seen,
      pending: undefined,
    })
  }

  async take(item: TarItem): Promise<void> {
    const entry = upperEntry(item.entry, this.#options.form.overlay)
    if (entry === undefined) return
    const frame = await this.#enter(entry.kind === 'opaque' ? entry.names : entry.names.slice(0, -1))
    if (entry.kind === 'opaque') {
      this.#purify(frame)
      return
    }
    const name = entry.names[entry.names.length - 1]!
    const old = frame.below?.children.get(name)
    if (entry.kind === 'whiteout') {
      await this.#gone(frame, entry.names)
      return
    }
    await this.#passMissing(frame, name)
    frame.seen?.add(name)
    if (entry.kind === 'hardlink') await this.#hardlink(entry, old)
    else if (entry.node.type === 'directory') await this.#directory(entry, { frame, old })
    else await this.#leaf(entry, { old, item })
  }

  /** A path that is gone, in the order of what is there. */
  async takeGone(names: readonly ByteString[]): Promise<void> {
    await this.#gone(await this.#enter(names.slice(0, -1)), names)
  }

  async end(): Promise<void> {
    await this.#enter([])
  }

  async #gone(frame: Frame, names: readonly ByteString[]): Promise<void> {
    const name = names[names.length - 1]!
    // In a pure directory everything is gone that does not come; a mount point that the image lacks cannot be.
    if (frame.isPure || frame.below?.children.has(name) !== true) return
    await this.#write({ kind: 'whiteout', path: names.join('/') })
  }

  /** The frame of a directory, once those that are complete are closed. A directory between them may have no entry. */
  async #enter(names: readonly ByteString[]): Promise<Frame> {
    for (;;) {
      const frame = this.#frames[this.#frames.length - 1]!
      if (isWithin(names, frame.names)) {
        if (frame.names.length === names.length) return frame
        const next = names[frame.names.length]!
        const old = frame.below?.children.get(next)
        this.#push(frame, { names: [...frame.names, next], node: undefined, old, isOpaque: false })
        continue
      }
      await this.#passMissing(frame, undefined)
      this.#frames.pop()
    }
  }

  #push(
    parent: Frame,
    child: {
      readonly names: readonly ByteString[]
      readonly node: DirectoryNode | undefined
      readonly old: TreeNode | undefined
      readonly isOpaque: boolean
    },
  ): Frame {
    const below = child.old?.type === 'directory' ? child.old : undefined
    const frame: Frame = {
      names: child.names,
      below,
      isPure: false,
      missing: [],
      seen: this.#newSeen(),
      pending: child.node ?? below,
    }
    if (child.isOpaque || parent.isPure) this.#purify(frame)
    this.#frames.push(frame)
    return frame
  }

  #purify(frame: Frame): void {
    frame.isPure = true
    if (frame.below === undefined) return
    const names = [...frame.below.children.keys()].filter((name) => frame.seen?.has(name) !== true)
    frame.missing = names.sort().reverse()
  }

  #newSeen(): Set<ByteString> | undefined {
    return this.#options.form.overlay === 'fuse' ? new Set() : undefined
  }

  /** Writes that what lies below and before `name` in a pure directory is gone; all of it at its end. */
  async #passMissing(frame: Frame, name: ByteString | undefined): Promise<void> {
    for (;;) {
      const next = frame.missing[frame.missing.length - 1]
      if (next === undefined || (name !== undefined && next > name)) return
      frame.missing.pop()
      if (next !== name) await this.#write({ kind: 'whiteout', path: [...frame.names, next].join('/') })
    }
  }

  async #directory(
    entry: UpperEntry & { readonly kind: 'node' },
    place: { readonly frame: Frame; readonly old: TreeNode | undefined },
  ): Promise<void> {
    const { frame, old } = place
    const node = this.#owned(entry.node, old) as DirectoryNode
    this.#push(frame, { names: entry.names, node, old, isOpaque: entry.isOpaque })
    const isStub = old === undefined && this.#options.stubs.has(entry.names.join('/'))
    if (isStub) this.isExact = false
    if (!isStub && sameEntry(old, node) !== 'same') await this.#writeParents()
  }

  async #leaf(
    entry: UpperEntry & { readonly kind: 'node' },
    place: { readonly old: TreeNode | undefined; readonly item: TarItem },
  ): Promise<void> {
    const { old, item } = place
    const path = entry.names.join('/')
    const node = this.#owned(entry.node, old)
    const isEmptyFile = node.type === 'file' && node.size === 0
    const isStub = old === undefined && isEmptyFile && this.#options.stubs.has(path)
    if (isStub) this.isExact = false
    const verdict = isStub ? 'same' : sameEntry(old, node)
    if (verdict === 'same') {
      this.#inodes.set(path, { node, path: undefined, twin: isStub ? node : old })
      return
    }
    if (verdict === 'content') {
      const isSame = await this.#writeUnlessSame({ path, node: node as FileNode, old: old as FileNode, item })
      this.#inodes.set(path, { node, path: isSame ? undefined : path, twin: isSame ? old : undefined })
      return
    }
    await this.#write({ kind: 'node', path, node })
    if (node.type === 'file') for await (const chunk of item.content()) await this.#layer.content(chunk)
    this.#inodes.set(path, { node, path, twin: undefined })
  }

  /**
   * A file that may be as it was: its bytes are compared with those below as they go by. Up to the first difference
   * they are the same, so nothing has to be kept to write them after all.
   */
  async #writeUnlessSame(file: {
    readonly path: ByteString
    readonly node: FileNode
    readonly old: FileNode
    readonly item: TarItem
  }): Promise<boolean> {
    const { path, node, old, item } = file
    await using contents = await this.#contents(old)
    const open = contents.open(old)
    let same = 0
    let differs = false
    try {
      for await (const chunk of item.content()) {
        if (!differs && Buffer.compare(takeBytes(open, chunk.length), chunk) === 0) {
          same += chunk.length
          continue
        }
        if (!differs) {
          differs = true
          await this.#write({ kind: 'node', path, node })
          await this.#copy(old, same)
        }
        await this.#layer.content(chunk)
      }
    } finally {
      open.close()
    }
    return !differs
  }

  async #hardlink(
    entry: UpperEntry & { readonly kind: 'hardlink' },
    old: TreeNode | undefined,
  ): Promise<void> {
    const path = entry.names.join('/')
    const inode = this.#inodes.get(entry.target)
    if (inode === undefined) throw new Error('tar named a link before its target')
    const verdict = sameEntry(old, inode.node)
    if (
      verdict === 'same' ||
      (verdict === 'content' && (await this.#isSame(entry.target, inode, old as FileNode)))
    )
      return
    if (inode.path !== undefined) {
      await this.#write({ kind: 'hardlink', path, target: inode.path, node: inode.node })
      return
    }
    // The other name is as it was below, and a layer cannot link to what lies there: this one gets a copy.
    await this.#write({ kind: 'node', path, node: inode.node })
    if (inode.twin?.type === 'file') await this.#copy(inode.twin, inode.twin.size)
    inode.path = path
  }

  async #isSame(target: ByteString, inode: SeenInode, old: FileNode): Promise<boolean> {
    if (inode.twin === old) return true
    await using contents = await this.#contents(old)
    const open = contents.open(old)
    try {
      for await (const chunk of this.#options.reopen(target)) {
        if (Buffer.compare(takeBytes(open, chunk.length), chunk) !== 0) return false
      }
      return true
    } finally {
      open.close()
    }
  }

  /** The first bytes of a file below, as the content of the item at hand. */
  async #copy(file: FileNode, length: number): Promise<void> {
    await using contents = await this.#contents(file)
    const open = contents.open(file)
    const buffer = Buffer.alloc(Math.min(1 << 16, length))
    try {
      for (let left = length; left > 0; ) {
        const read = open.read(buffer.subarray(0, Math.min(left, buffer.length)))
        if (read === 0) throw new Error(`content ended ${left} bytes early`)
        await this.#layer.content(buffer.subarray(0, read))
        left -= read
      }
    } finally {
      open.close()
    }
  }

  async #write(item: LayerItem): Promise<void> {
    await this.#writeParents()
    await this.#layer.item(item)
  }

  async #writeParents(): Promise<void> {
    for (const frame of this.#frames) {
      if (frame.pending === undefined) continue
      await this.#layer.item({ kind: 'node', path: frame.names.join('/'), node: frame.pending })
      frame.pending = undefined
    }
  }

  #contents(file: FileNode): Promise<Contents> {
    return openContents([file], this.#options.blobs, this.#options.openHost)
  }

  /** Where files have one owner alone, the image's own are known from the tree: nobody could have changed them. */
  #owned(node: TreeNode, old: TreeNode | undefined): TreeNode {
    if (this.#options.form.owners === 'all') return node
    const { uid, gid } = old?.type === node.type ? old.meta : { uid: 0, gid: 0 }
    const meta: Metadata = { ...node.meta, uid, gid }
    return { ...node, meta }
  }
}

function isWithin(names: readonly ByteString[], directory: readonly ByteString[]): boolean {
  return directory.length <= names.length && directory.every((name, at) => name === names[at])
}
