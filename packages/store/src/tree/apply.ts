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
}

/** Deeper than any file system allows, and shallow enough for every walk. */
const MAX_DEPTH = 1024
const MAX_NAME = 255

/**
 * What an archive does to the tree below it (image-spec, layer.md, "Applying Changesets"). Whiteouts act on what
 * lies below only, wherever they stand in the layer. Later entries win over earlier ones with the same name.
 * Parents of entries that are links lead where they would in a chroot, never outside.
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
  for (const { item, names } of entries) applyEntry(editor, names, { item, options })
  return editor.finish()
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
}

function applyEntry(editor: TreeEditor, names: readonly ByteString[], context: Context): void {
  const { entry } = context.item
  if (names.length === 0) {
    if (entry.type !== 'directory') throw refuse(context.item, 'E_TAR_ROOT', 'the root must be a directory')
    const node = entryToNode(context.item, context.options.blob) as DirectoryNode
    editor.setDirectoryMeta([], node.meta)
    return
  }
  const parent = placeParent(editor, names, context)
  const path = [...parent, names[names.length - 1]!]
  const old = editor.get(path)
  if (entry.type === 'hardlink') {
    editor.put(path, linkTarget(editor, path, context))
    return
  }
  const node = entryToNode(context.item, context.options.blob)
  if (node.type === 'directory' && old?.type === 'directory') editor.setDirectoryMeta(path, node.meta)
  else editor.put(path, node)
}

/** Names of the parent with links resolved; missing directories are made, a file in the way gives way. */
function placeParent(
  editor: TreeEditor,
  names: readonly ByteString[],
  context: Context,
): readonly ByteString[] {
  const parent = resolveInTree(editor.current, joinNames(names.slice(0, -1)))
  if (parent.names.length > MAX_DEPTH)
    throw refuse(context.item, 'E_LIMIT', `deeper than ${MAX_DEPTH} directories`)
  for (let length = 1; length <= parent.names.length; length++) {
    const path = parent.names.slice(0, length)
    if (editor.get(path)?.type !== 'directory') editor.put(path, plainDirectory(0))
  }
  return parent.names
}

/** The node that a hard link names: an entry of this archive or of what lies below, never a directory. */
function linkTarget(editor: TreeEditor, path: readonly ByteString[], context: Context): TreeNode {
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
  return found.node
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
