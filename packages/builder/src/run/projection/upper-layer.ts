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
import { writeContent } from './write-content.js'

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
 * written, and writes it as it goes by; the caller flushes the layer when it is full, and ends it. As BuildKit does it:
 * what was copied up and is unchanged is left out, a directory above a change is named with its attributes, and instead
 * of an opaque directory each file that is gone is.
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

  /** Undefined when that is done already, as it is for most. */
  take(item: TarItem): Promise<void> | undefined {
    const entry = upperEntry(item.entry, this.#options.form.overlay)
    return entry && this.#takeEntry(entry, item)
  }

  #takeEntry(entry: UpperEntry, item: TarItem): Promise<void> | undefined {
    const again = () => this.#takeEntry(entry, item)
    const frame = this.#enter(entry.names, entry.kind === 'opaque' ? 0 : 1)
    if (frame === undefined) return this.#flushed(again)
    if (entry.kind === 'opaque') {
      this.#purify(frame)
      return undefined
    }
    const name = entry.names[entry.names.length - 1]!
    const old = frame.below?.children.get(name)
    if (entry.kind === 'whiteout') {
      this.#gone(frame, entry.names)
      return undefined
    }
    if (!this.#passMissing(frame, name)) return this.#flushed(again)
    frame.seen?.add(name)
    if (entry.kind === 'hardlink') return this.#hardlink(entry, old)
    if (entry.node.type !== 'directory') return this.#leaf(entry, { old, item })
    this.#directory(entry, { frame, old })
    return undefined
  }

  /** A path that is gone, in the order of what is there. */
  takeGone(names: readonly ByteString[]): Promise<void> | undefined {
    const frame = this.#enter(names, 1)
    if (frame === undefined) return this.#flushed(() => this.takeGone(names))
    this.#gone(frame, names)
    return undefined
  }

  end(): Promise<void> | undefined {
    return this.#enter([], 0) === undefined ? this.#flushed(() => this.end()) : undefined
  }

  /** Goes on with what was left because the layer is full. */
  async #flushed(again: () => Promise<void> | undefined): Promise<void> {
    await this.#layer.flush()
    await again()
  }

  #gone(frame: Frame, names: readonly ByteString[]): void {
    const name = names[names.length - 1]!
    // In a pure directory everything is gone that does not come; a mount point that the image lacks cannot be.
    if (frame.isPure || frame.below?.children.has(name) !== true) return
    this.#write({ kind: 'whiteout', path: names.join('/') })
  }

  /**
   * The frame of the directory that is so many steps above these names, once those that are complete are closed. A
   * directory between them may have no entry. Undefined: the layer is full, and there is more to close.
   */
  #enter(names: readonly ByteString[], above: number): Frame | undefined {
    const depth = names.length - above
    for (;;) {
      const frame = this.#frames[this.#frames.length - 1]!
      if (frame.names.length <= depth && startsWith(names, frame.names)) {
        if (frame.names.length === depth) return frame
        const next = names[frame.names.length]!
        const old = frame.below?.children.get(next)
        this.#push(frame, { names: [...frame.names, next], node: undefined, old, isOpaque: false })
        continue
      }
      if (!this.#passMissing(frame, undefined)) return undefined
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

  /**
   * Writes that what lies below and before `name` in a pure directory is gone; all of it at its end. False: the layer is
   * full before that is done, as many names may be gone.
   */
  #passMissing(frame: Frame, name: ByteString | undefined): boolean {
    for (;;) {
      const next = frame.missing[frame.missing.length - 1]
      if (next === undefined || (name !== undefined && next > name)) return true
      if (this.#layer.full) return false
      frame.missing.pop()
      if (next !== name) this.#write({ kind: 'whiteout', path: [...frame.names, next].join('/') })
    }
  }

  #directory(
    entry: UpperEntry & { readonly kind: 'node' },
    place: { readonly frame: Frame; readonly old: TreeNode | undefined },
  ): void {
    const { frame, old } = place
    const node = this.#owned(entry.node, old) as DirectoryNode
    this.#push(frame, { names: entry.names, node, old, isOpaque: entry.isOpaque })
    const isStub = old === undefined && this.#options.stubs.has(entry.names.join('/'))
    if (isStub) this.isExact = false
    if (!isStub && sameEntry(old, node) !== 'same') this.#writeParents()
  }

  #leaf(
    entry: UpperEntry & { readonly kind: 'node' },
    place: { readonly old: TreeNode | undefined; readonly item: TarItem },
  ): Promise<void> | undefined {
    const { old, item } = place
    const path = entry.names.join('/')
    const node = this.#owned(entry.node, old)
    const isEmptyFile = node.type === 'file' && node.size === 0
    const isStub = old === undefined && isEmptyFile && this.#options.stubs.has(path)
    if (isStub) this.isExact = false
    const verdict = isStub ? 'same' : sameEntry(old, node)
    if (verdict === 'same') {
      this.#inodes.set(path, { node, path: undefined, twin: isStub ? node : old })
      return undefined
    }
    if (verdict === 'content') {
      return this.#writeUnlessSame({ path, node: node as FileNode, old: old as FileNode, item })
    }
    this.#write({ kind: 'node', path, node })
    this.#inodes.set(path, { node, path, twin: undefined })
    return node.type === 'file' ? writeContent(item, this.#layer) : undefined
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
  }): Promise<void> {
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
          this.#write({ kind: 'node', path, node })
          await this.#copy(old, same)
        }
        this.#layer.content(chunk)
        if (this.#layer.full) await this.#layer.flush()
      }
    } finally {
      open.close()
    }
    const seen = differs ? { path, twin: undefined } : { path: undefined, twin: old }
    this.#inodes.set(path, { node, ...seen })
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
      this.#write({ kind: 'hardlink', path, target: inode.path, node: inode.node })
      return
    }
    // The other name is as it was below, and a layer cannot link to what lies there: this one gets a copy.
    this.#write({ kind: 'node', path, node: inode.node })
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
        this.#layer.content(buffer.subarray(0, read))
        if (this.#layer.full) await this.#layer.flush()
        left -= read
      }
    } finally {
      open.close()
    }
  }

  #write(item: LayerItem): void {
    this.#writeParents()
    this.#layer.item(item)
  }

  #writeParents(): void {
    for (const frame of this.#frames) {
      if (frame.pending === undefined) continue
      this.#layer.item({ kind: 'node', path: frame.names.join('/'), node: frame.pending })
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

function startsWith(names: readonly ByteString[], first: readonly ByteString[]): boolean {
  // The last ones differ most.
  for (let at = first.length - 1; at >= 0; at--) if (names[at] !== first[at]) return false
  return true
}
