import { type ByteString, toUtf8 } from '../bytes.js'
import type { Digest } from '../digest.js'
import { CooperageError, type ErrorCode } from '../errors.js'
import type { TarEntry } from '../tar/entry.js'
import { plainDirectory } from './directory.js'
import { entryToNode } from './entry-to-node.js'
import type { DirectoryNode, SparseRun, TreeNode } from './node.js'
import { joinNames } from './path.js'
import { resolveInTree } from './resolve.js'
import { TreeEditor } from './tree-editor.js'
import { parseWhiteout, type Whiteout } from './whiteout.js'

/** An entry of an archive and where its content lies in the (uncompressed) blob. */
export interface ArchiveItem {
  readonly entry: TarEntry
  readonly index: number
  readonly offset: number
  readonly sparse?: readonly SparseRun[]
}

export interface ApplyOptions {
  /** The uncompressed archive that the items were read from. */
  readonly blob: Digest
  /** `layer`: whiteouts hide what lies below, a leading `/` is dropped. `archive`: names are names, `/x` is refused. */
  readonly as: 'layer' | 'archive'
  /** `archive`: the time of directories that no entry describes and of those that get a new name. Default 0. */
  readonly now?: number
  /** Of every entry, in place of what it says itself; directories that no entry describes stay root's. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Deeper than any file system allows, and shallow enough for every walk. */
const MAX_DEPTH = 1024
const MAX_NAME = 255
const SETGID = 0o2000

/**
 * What an archive does to the tree below it (image-spec, layer.md, "Applying Changesets"). Whiteouts act on what
 * lies below only, wherever they stand in the layer. Later entries win over earlier ones with the same name.
 * Parents of entries that are links lead where they would in a chroot, never outside. An `archive` says nothing of the
 * directory it is unpacked into, and the times of its directories are set last, as tar does.
 * @throws E_TAR_ESCAPE, E_TAR_ROOT, E_TAR_LINK, E_TAR_WHITEOUT, E_TAR_DEVICE, E_LOOP, E_LIMIT
 */
export function applyArchive(
  below: DirectoryNode,
  items: readonly ArchiveItem[],
  options: ApplyOptions,
): DirectoryNode {
  const editor = new TreeEditor(below)
  const entries: { item: ArchiveItem; names: ByteString[] }[] = []
  const whiteouts: Whiteout[] = []
  const directories = new Set<ByteString>()
  for (const item of items) {
    const names = checkedNames(item, options)
    const whiteout = options.as === 'layer' ? parseWhiteout(item, names) : undefined
    if (whiteout !== undefined) whiteouts.push(whiteout)
    else {
      entries.push({ item, names })
      if (item.entry.type === 'directory') directories.add(names.join('/'))
    }
  }
  for (const whiteout of whiteouts)
    if (!isInNewDirectory(below, whiteout, directories)) hide(editor, whiteout)
  const unpacking: Unpacking = { directories: new Map(), paths: new Map() }
  for (const { item, names } of entries) applyEntry(editor, names, { item, options, unpacking })
  if (options.as === 'archive') setTimes(editor, unpacking)
  return editor.finish()
}

/** What is known of the entries of an `archive` so far. */
interface Unpacking {
  /** The path of each directory that an entry describes, and its time. */
  readonly directories: Map<ByteString, number>
  /** The paths at which each file was put: what a hard link says of a file holds for all its names. */
  readonly paths: Map<TreeNode, (readonly ByteString[])[]>
}

function setTimes(editor: TreeEditor, { directories }: Unpacking): void {
  for (const [path, mtime] of directories) {
    const names = path.split('/')
    const node = editor.get(names)
    if (node?.type === 'directory') editor.setDirectoryMeta(names, { ...node.meta, mtime })
  }
}

/**
 * True when the layer makes a directory on the way to the whiteout in place of a link or another file: nothing lies
 * below in it, and what the link leads to is not meant.
 */
function isInNewDirectory(
  below: DirectoryNode,
  whiteout: Whiteout,
  directories: ReadonlySet<ByteString>,
): boolean {
  if (whiteout.kind === 'ignored') return false
  let node: TreeNode | undefined = below
  for (const [index, name] of whiteout.directory.entries()) {
    if (node?.type !== 'directory') return false
    node = node.children.get(name)
    const isOther = node !== undefined && node.type !== 'directory'
    if (isOther && directories.has(whiteout.directory.slice(0, index + 1).join('/'))) return true
  }
  return false
}

function hide(editor: TreeEditor, whiteout: Whiteout): void {
  if (whiteout.kind === 'ignored') return
  const parent = resolveInTree(editor.current, joinNames(whiteout.directory))
  if (parent.node?.type !== 'directory') return
  const gone = whiteout.kind === 'opaque' ? [...parent.node.children.keys()] : [whiteout.name]
  for (const name of gone) editor.remove([...parent.names, name])
}

interface Context {
  readonly item: ArchiveItem
  readonly options: ApplyOptions
  readonly unpacking: Unpacking
}

function applyEntry(editor: TreeEditor, names: readonly ByteString[], context: Context): void {
  const { entry } = context.item
  if (names.length === 0) {
    if (entry.type !== 'directory') throw refuse(context.item, 'E_TAR_ROOT', 'the root must be a directory')
    const node = entryToNode(context.item, context.options.blob) as DirectoryNode
    if (context.options.as === 'layer') editor.setDirectoryMeta([], node.meta)
    return
  }
  const parent = placeParent(editor, names, context)
  const path = [...parent, names[names.length - 1]!]
  const old = editor.get(path)
  if (entry.type === 'hardlink') {
    putLink(editor, path, context)
    return
  }
  const node = nodeOf(context)
  if (node.type === 'directory' && old?.type === 'directory') editor.setDirectoryMeta(path, node.meta)
  else put(editor, path, { ...context, node })
  if (node.type === 'directory') context.unpacking.directories.set(path.join('/'), node.meta.mtime)
}

function put(
  editor: TreeEditor,
  path: readonly ByteString[],
  { node, options, unpacking }: Context & { readonly node: TreeNode },
): void {
  editor.put(path, node)
  if (options.as !== 'archive') return
  if (node.type !== 'directory') unpacking.paths.set(node, [...(unpacking.paths.get(node) ?? []), path])
  const parent = editor.get(path.slice(0, -1)) as DirectoryNode
  editor.setDirectoryMeta(path.slice(0, -1), { ...parent.meta, mtime: options.now ?? 0 })
}

function nodeOf({ item, options }: Context): TreeNode {
  const node = entryToNode(item, options.blob)
  return options.owner === undefined ? node : { ...node, meta: { ...node.meta, ...options.owner } }
}

/** In an archive the entry of a hard link tells mode, owner and time of the file once more, and the last word counts. */
function putLink(editor: TreeEditor, path: readonly ByteString[], context: Context): void {
  const { node: target, names } = linkTarget(editor, path, context)
  if (context.options.as === 'layer' || target.type !== 'file') {
    put(editor, path, { ...context, node: target })
    return
  }
  const paths = context.unpacking.paths.get(target) ?? [names]
  const { meta } = nodeOf(context)
  const { mode, uid, gid, mtime } = meta
  const node = { ...target, meta: { ...target.meta, mode, uid, gid, mtime } }
  for (const other of paths) if (editor.get(other) === target) editor.put(other, node)
  context.unpacking.paths.set(node, [...paths])
  put(editor, path, { ...context, node })
}

/** Names of the parent with links resolved; missing directories are made, a file in the way of a layer gives way. */
function placeParent(
  editor: TreeEditor,
  names: readonly ByteString[],
  context: Context,
): readonly ByteString[] {
  const parent = resolveInTree(editor.current, joinNames(names.slice(0, -1)))
  if (context.options.as === 'archive' && parent.node === undefined) refuseDangling(editor, names, context)
  if (parent.names.length > MAX_DEPTH)
    throw refuse(context.item, 'E_LIMIT', `deeper than ${MAX_DEPTH} directories`)
  for (let length = 1; length <= parent.names.length; length++) {
    const path = parent.names.slice(0, length)
    const there = editor.get(path)
    if (there !== undefined && there.type !== 'directory' && context.options.as === 'archive')
      throw refuse(context.item, 'E_TAR_LINK', `lies behind ${show(joinNames(path))}, which is no directory`)
    if (there?.type !== 'directory')
      put(editor, path, { ...context, node: impliedDirectory(editor, path, context) })
  }
  return parent.names
}

/** As mkdir(2) makes it for an `archive`: the setgid bit of the directory above is inherited; the owner is root. */
function impliedDirectory(
  editor: TreeEditor,
  path: readonly ByteString[],
  { options }: Context,
): DirectoryNode {
  const node = plainDirectory(options.now ?? 0)
  const above = editor.get(path.slice(0, -1))
  if (options.as === 'layer' || above === undefined || (above.meta.mode & SETGID) === 0) return node
  return { ...node, meta: { ...node.meta, mode: node.meta.mode | SETGID } }
}

/** Nothing is made where a link leads to nothing: mkdir(2) does not follow it either. */
function refuseDangling(editor: TreeEditor, names: readonly ByteString[], context: Context): void {
  for (let length = 1; length < names.length; length++) {
    const path = joinNames(names.slice(0, length))
    if (resolveInTree(editor.current, path, { followLast: false }).node?.type !== 'symlink') continue
    if (resolveInTree(editor.current, path).node === undefined)
      throw refuse(context.item, 'E_TAR_LINK', `lies behind ${show(path)}, a link to nothing`)
  }
}

/** The node that a hard link names: an entry of this archive or of what lies below, never a directory. */
function linkTarget(
  editor: TreeEditor,
  path: readonly ByteString[],
  context: Context,
): { readonly node: TreeNode; readonly names: readonly ByteString[] } {
  const { entry } = context.item
  const target = entry.linkname
  const escapes = target.split('/').includes('..')
  if (escapes) throw refuse(context.item, 'E_TAR_ESCAPE', `links to ${show(target)}, outside the archive`)
  if (target.startsWith('/') && context.options.as === 'archive') {
    throw refuse(context.item, 'E_TAR_LINK', `links to the absolute path ${show(target)}`)
  }
  const found = resolveInTree(editor.current, `/${target}`, { followLast: false })
  const isSelf = found.names.length === path.length && found.names.every((name, at) => name === path[at])
  if (found.node === undefined || found.node.type === 'directory' || isSelf) {
    const what = isSelf ? 'itself' : found.node === undefined ? 'nothing that came before it' : 'a directory'
    throw refuse(context.item, 'E_TAR_LINK', `is a hard link to ${what}: ${show(target)}`)
  }
  return { node: found.node, names: found.names }
}

function checkedNames(item: ArchiveItem, options: ApplyOptions): ByteString[] {
  const { name } = item.entry
  if (options.as === 'archive' && name.startsWith('/'))
    throw refuse(item, 'E_TAR_ESCAPE', 'is an absolute path')
  const names = name.split('/').filter((part) => part !== '' && part !== '.')
  if (names.includes('..')) throw refuse(item, 'E_TAR_ESCAPE', 'leads upwards with ".."')
  if (names.length > MAX_DEPTH) throw refuse(item, 'E_LIMIT', `is deeper than ${MAX_DEPTH} directories`)
  if (names.some((part) => part.length > MAX_NAME))
    throw refuse(item, 'E_LIMIT', `has a name over ${MAX_NAME} bytes`)
  return names
}

function refuse(item: ArchiveItem, code: ErrorCode, why: string): CooperageError {
  return new CooperageError(code, `entry ${item.index} of the archive, ${show(item.entry.name)}, ${why}`, {
    data: { index: item.index, name: toUtf8(item.entry.name).slice(0, 300) },
  })
}

function show(name: ByteString): string {
  return JSON.stringify(toUtf8(name.slice(0, 200)))
}
