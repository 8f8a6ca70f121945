import {
  type ByteString,
  CooperageError,
  type FileNode,
  type Metadata,
  type TarEntry,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'
import type { FileAccess } from '../sandbox/file-access.js'
import { overlayMarks } from './overlay-marks.js'

/** What an entry of an upper directory says of the path below. */
export type UpperEntry =
  | { readonly kind: 'whiteout'; readonly names: readonly ByteString[] }
  /** Of the directory that it names: nothing below shines through. */
  | { readonly kind: 'opaque'; readonly names: readonly ByteString[] }
  | {
      readonly kind: 'node'
      readonly names: readonly ByteString[]
      readonly node: TreeNode
      readonly isOpaque: boolean
    }
  | { readonly kind: 'hardlink'; readonly names: readonly ByteString[]; readonly target: ByteString }

const CAPABILITY = 'security.capability'
const NOTHING: FileNode['content'] = { kind: 'bytes', bytes: new Uint8Array(0) }

/** Reads an entry that tar wrote of an upper directory. Undefined for the directory itself. @throws E_SANDBOX, E_WHITEOUT_NAME */
export function upperEntry(entry: TarEntry, overlay: FileAccess['overlay']): UpperEntry | undefined {
  const names = namesOf(entry.name)
  const name = names[names.length - 1]
  if (name === undefined) return undefined
  const { opaque, partial } = overlayMarks(overlay)
  if (entry.xattrs.size > 0 && partial.some((mark) => entry.xattrs.has(mark))) throw incomplete(entry.name)
  if (entry.type === 'char' && entry.devmajor === 0 && entry.devminor === 0)
    return { kind: 'whiteout', names }
  if (name.startsWith('.wh.')) return marked(names, overlay)
  if (entry.type === 'hardlink') return { kind: 'hardlink', names, target: namesOf(entry.linkname).join('/') }
  return { kind: 'node', names, node: nodeOf(entry), isOpaque: isOpaque(entry, opaque) }
}

/** Only fuse-overlayfs marks with names. A file that a step calls so would hide another one in the layer. */
function marked(names: readonly ByteString[], overlay: FileAccess['overlay']): UpperEntry {
  const name = names[names.length - 1]!
  if (overlay === 'fuse') {
    if (name === '.wh..wh..opq') return { kind: 'opaque', names: names.slice(0, -1) }
    return { kind: 'whiteout', names: [...names.slice(0, -1), name.slice('.wh.'.length)] }
  }
  const path = toUtf8(names.join('/'))
  throw new CooperageError(
    'E_WHITEOUT_NAME',
    `an image cannot hold a file named ${JSON.stringify(path)}, which the step made`,
    { hint: 'names that start with ".wh." mean the absence of a file', data: { path } },
  )
}

function nodeOf(entry: TarEntry): TreeNode {
  const meta = metadataOf(entry)
  switch (entry.type) {
    case 'directory':
      return { type: 'directory', meta, children: new Map() }
    case 'symlink':
      return { type: 'symlink', meta, target: entry.linkname }
    case 'fifo':
      return { type: 'fifo', meta }
    case 'char':
    case 'block':
      return { type: entry.type, meta, major: entry.devmajor, minor: entry.devminor }
    default:
      // The content goes by; where it will be is known when it is written.
      return { type: 'file', meta, size: entry.size, content: NOTHING }
  }
}

function metadataOf(entry: TarEntry): Metadata {
  // In whole seconds, as the layer has it.
  const mtime = Math.floor(entry.mtime)
  const meta = { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtime }
  const capability = entry.xattrs.get(CAPABILITY)
  return capability === undefined ? meta : { ...meta, xattrs: new Map([[CAPABILITY, capability]]) }
}

function isOpaque({ type, xattrs }: TarEntry, marks: readonly string[]): boolean {
  if (type !== 'directory') return false
  return marks.some((mark) => {
    const value = xattrs.get(mark)
    return value?.length === 1 && value[0] === 0x79
  })
}

function namesOf(path: ByteString): ByteString[] {
  // As tar writes them; the rest is for what it never writes.
  const start = path.startsWith('./') ? 2 : 0
  const names = path.slice(start, path.endsWith('/') ? -1 : undefined).split('/')
  return names.some(isNoName) ? names.filter((name) => !isNoName(name)) : names
}

function isNoName(name: ByteString): boolean {
  return name === '' || name === '.'
}

function incomplete(name: ByteString): CooperageError {
  return new CooperageError(
    'E_SANDBOX',
    `overlayfs kept only a part of ${JSON.stringify(toUtf8(name))}: its options redirect_dir or metacopy are on`,
    { category: 'sandbox', hint: 'mount with redirect_dir=nofollow,metacopy=off' },
  )
}
