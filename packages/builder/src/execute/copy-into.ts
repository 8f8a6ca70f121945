import {
  type ArchiveItem,
  applyArchive,
  type ByteString,
  CooperageError,
  type DirectoryNode,
  type FileNode,
  joinNames,
  type Metadata,
  resolveInTree,
  splitPath,
  TreeEditor,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'
import { checkNames } from './check-names.js'
import { madeDirectory } from './made-directory.js'
import type { ModeChange } from './mode-change.js'
import type { UnpackedArchive } from './unpacked-archive.js'

/** One source of a COPY: a wildcard has become as many as it matched. */
export interface CopyItem {
  /** Where it was found; its last name is used when the destination is a directory. */
  readonly path: ByteString
  readonly node: TreeNode
  /** The root of its tree, also when a link led there. */
  readonly isRoot?: boolean
  /** Directories of `node` that were not asked for and only lead to something that was. */
  readonly passages?: ReadonlySet<DirectoryNode>
  /** What is unpacked into the destination in place of the node, which is the archive. */
  readonly archive?: UnpackedArchive
}

export interface CopyRequest {
  readonly items: readonly CopyItem[]
  /** Absolute; a trailing `/` or `/.` says that it is a directory. */
  readonly destination: ByteString
  /** `--chown`; without it owners stay. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** `--chmod`; not for symbolic links. */
  readonly mode?: ModeChange
  /** The time of what the build itself makes or touches: missing parents, directories that get a new name. */
  readonly now: number
  /** What is copied gets no later time (seconds), as with SOURCE_DATE_EPOCH. */
  readonly mtimeLimit?: number
  /** Told of every file copied: the copy, and what it was copied from. */
  readonly onCopy?: (copy: FileNode, original: FileNode) => void
}

/**
 * The tree after a COPY. Directories give their contents, not themselves; missing parents of the destination are
 * made; a directory that exists keeps its attributes when it is the destination, and takes the source's deeper
 * down. Links are followed on the way to the destination and nowhere below it.
 * @throws E_COPY_DEST for a file over a directory or the reverse, E_LOOP.
 */
export function copyInto(below: DirectoryNode, request: CopyRequest): DirectoryNode {
  const editor = new TreeEditor(below)
  for (const item of request.items) {
    if (item.archive === undefined) copyItem(editor, item, request)
    else unpackItem(editor, item.archive, request)
  }
  return editor.finish()
}

function copyItem(editor: TreeEditor, item: CopyItem, request: CopyRequest): void {
  const { destination } = request
  const lastSlash = destination.lastIndexOf('/')
  const lastName = destination.slice(lastSlash + 1)
  const isFile = lastName !== '' && lastName !== '.'
  makeDirectories(editor, isFile ? destination.slice(0, lastSlash + 1) : destination, request)

  const wanted = resolveInTree(editor.current, joinNames(splitPath(destination)))
  let target = wanted.names
  if (item.node.type !== 'directory' && wanted.node?.type === 'directory') {
    const names = splitPath(item.path)
    target = [...target, names[names.length - 1] ?? '']
  }
  const isNewDirectory = item.node.type === 'directory' && wanted.node === undefined
  makeDirectories(editor, joinNames(isNewDirectory ? target : target.slice(0, -1)), request)
  checkNames(target)
  const copier = new Copier(request, item.passages)
  const old = editor.get(target)
  const isNewName = old === undefined || old.type !== 'directory'
  const node = copier.copy(old, timedRoot(item, request), { path: target, keepAttributes: true })
  editor.put(target, node)
  if (isNewName) touch(editor, target.slice(0, -1), request)
}

/** The root of a tree has a time only when an archive named it; else it is made, by whoever builds, now. */
function timedRoot({ node, isRoot }: CopyItem, { now }: CopyRequest): TreeNode {
  if (node.meta.mtime !== 0 || isRoot !== true) return node
  return { ...node, meta: { ...node.meta, mtime: now } }
}

/** Entries of an archive keep their owners and times; links among them lead nowhere but below the destination. */
function unpackItem(editor: TreeEditor, archive: UnpackedArchive, request: CopyRequest): void {
  // Of what is made for an archive the mode is never that of `--chmod`.
  const { mode: _, ...plain } = request
  makeDirectories(editor, request.destination, plain)
  const { names } = resolveInTree(editor.current, request.destination)
  const directory = editor.get(names) as DirectoryNode
  const unpacked = applyArchive(directory, timed(archive.items, request.mtimeLimit), {
    blob: archive.blob,
    as: 'archive',
    now: request.now,
    ...(request.owner !== undefined && { owner: request.owner }),
  })
  editor.put(names, unpacked)
}

/** The last second whose nanoseconds an int64 counts. */
const LAST_SECOND = 9_223_372_036

/** A time before 1970, or after what Go can count, is 1970 once Docker has unpacked it. */
function timed(items: readonly ArchiveItem[], limit = Number.POSITIVE_INFINITY): ArchiveItem[] {
  return items.map((item) => {
    const { mtime } = item.entry
    const kept = mtime < 0 || mtime > LAST_SECOND ? 0 : Math.min(mtime, limit)
    return kept === mtime ? item : { ...item, entry: { ...item.entry, mtime: kept } }
  })
}

/** As `mkdir -p`: what is made gets the owner of the copy, and the octal mode when one was given. */
function makeDirectories(editor: TreeEditor, path: ByteString, request: CopyRequest): void {
  const { names } = resolveInTree(editor.current, path)
  checkNames(names)
  // mkdir(2) takes no more than the permissions.
  const mode = (request.mode?.octal ?? 0o755) & 0o777
  const { owner, now: mtime } = request
  for (let length = 1; length <= names.length; length++) {
    const part = names.slice(0, length)
    const node = editor.get(part)
    if (node === undefined) {
      const parent = editor.get(part.slice(0, -1)) as DirectoryNode
      editor.put(part, madeDirectory(parent, { mode, owner, mtime }))
      touch(editor, part.slice(0, -1), request)
    } else if (node.type !== 'directory') throw notDirectory(part)
  }
}

/** The kernel sets a directory's time when a name is added to it. */
function touch(editor: TreeEditor, names: readonly ByteString[], request: CopyRequest): void {
  const node = editor.get(names)
  if (node?.type !== 'directory' || node.meta.mtime === request.now) return
  editor.setDirectoryMeta(names, { ...node.meta, mtime: request.now })
}

interface Place {
  readonly path: readonly ByteString[]
  /** The destination itself keeps the attributes it has; directories below it take the source's. */
  readonly keepAttributes: boolean
}

/** Copies one source; names that are one file in it are one file in the copy. */
class Copier {
  readonly #request: CopyRequest
  readonly #passages: ReadonlySet<TreeNode>
  readonly #links = new Map<TreeNode, FileNode>()

  constructor(request: CopyRequest, passages: ReadonlySet<TreeNode> = new Set()) {
    this.#request = request
    this.#passages = passages
  }

  copy(old: TreeNode | undefined, source: TreeNode, place: Place): TreeNode {
    if (source.type === 'directory') return this.#copyDirectory(old, source, place)
    if (old?.type === 'directory') {
      throw new CooperageError('E_COPY_DEST', `cannot replace to directory ${show(place.path)} with file`, {
        hint: 'remove the directory in an earlier step, or end the destination with a slash',
      })
    }
    if (source.type !== 'file') return { ...source, meta: this.#metadata(source) }
    const linked = this.#links.get(source)
    if (linked !== undefined) return linked
    const node: FileNode = { ...source, meta: this.#metadata(source) }
    this.#links.set(source, node)
    this.#request.onCopy?.(node, source)
    return node
  }

  #copyDirectory(old: TreeNode | undefined, source: DirectoryNode, place: Place): DirectoryNode {
    if (old !== undefined && old.type !== 'directory') throw notDirectory(place.path)
    const children = new Map(old?.children)
    for (const [name, child] of source.children) {
      const below = { path: [...place.path, name], keepAttributes: false }
      children.set(name, this.copy(old?.children.get(name), child, below))
    }
    if (this.#passages.has(source)) {
      const meta = old === undefined ? this.#metadata(source) : { ...old.meta, mode: source.meta.mode }
      // What is put into it comes after its own time, and is the last to set it.
      return { type: 'directory', meta: { ...meta, mtime: this.#request.now }, children }
    }
    if (old === undefined || !place.keepAttributes) {
      return { type: 'directory', meta: this.#metadata(source), children }
    }
    // The destination keeps its attributes but takes the time of what was copied into it, as in BuildKit.
    return { type: 'directory', meta: { ...old.meta, mtime: this.#time(source) }, children }
  }

  #time({ meta }: TreeNode): number {
    return Math.min(meta.mtime, this.#request.mtimeLimit ?? meta.mtime)
  }

  #metadata(source: TreeNode): Metadata {
    const { owner, mode } = this.#request
    const { meta } = source
    return {
      ...meta,
      ...owner,
      mtime: this.#time(source),
      mode: mode === undefined || source.type === 'symlink' ? meta.mode : mode.apply(meta.mode, source.type),
    }
  }
}

function notDirectory(names: readonly ByteString[]): CooperageError {
  return new CooperageError('E_COPY_DEST', `cannot copy to non-directory: ${show(names)}`, {
    hint: 'something that is not a directory is in the way of the destination',
  })
}

function show(names: readonly ByteString[]): string {
  return toUtf8(joinNames(names))
}
