import {
  type ByteString,
  type Contents,
  END_OF_ARCHIVE,
  encodeTarEntry,
  type FileNode,
  type LayerItem,
  type Metadata,
  type TarEntry,
  tarPadding,
} from '@cooperage/store'
import { Pacer } from '../../context/pacer.js'
import type { FileForm } from './file-form.js'

const CHUNK = 1 << 18
const NO_XATTRS: ReadonlyMap<ByteString, Uint8Array> = new Map()

export interface FilesTarOptions {
  readonly form: FileForm
  readonly contents: Contents
  readonly signal: AbortSignal
  /** Of the directory that it is unpacked into. */
  readonly root: Metadata
  /** Times are more exact than seconds where the tree knows it, as those of a build context. Default false. */
  readonly hasFractions?: boolean
}

/**
 * The items of a layer as an archive for `tar -x`, in the form in which overlayfs reads a lower directory. It is made
 * of a tree, so no name leads upwards, no entry lies below a link, and every directory comes before what it holds;
 * attributes that would steer overlayfs are not among what is passed on.
 */
export async function* filesTar(
  items: Iterable<LayerItem>,
  options: FilesTarOptions,
): AsyncGenerator<Buffer> {
  const { form, contents } = options
  const timed = options.hasFractions === true ? withFraction : (entry: TarEntry) => entry
  const pacer = new Pacer(options.signal)
  let chunk = Buffer.allocUnsafe(CHUNK)
  let used = 0
  yield encodeTarEntry(timed(directoryEntry('./', options.root, form)))
  for (const item of items) {
    const turn = pacer.step()
    if (turn) await turn
    const entry = fileEntry(item, form)
    if (entry === undefined) continue
    yield* put(encodeTarEntry(timed(entry)))
    if (entry.size > 0) yield* content((item as { node: FileNode }).node)
  }
  yield* put(END_OF_ARCHIVE)
  yield chunk.subarray(0, used)

  function* put(bytes: Uint8Array): Generator<Buffer> {
    if (bytes.length > CHUNK - used) {
      yield chunk.subarray(0, used)
      chunk = Buffer.allocUnsafe(CHUNK)
      used = 0
    }
    if (bytes.length > CHUNK) yield Buffer.from(bytes)
    else {
      chunk.set(bytes, used)
      used += bytes.length
    }
  }

  function* content(node: FileNode): Generator<Buffer> {
    const open = contents.open(node)
    let left = node.size
    try {
      while (left > 0) {
        if (used === CHUNK) {
          yield chunk
          chunk = Buffer.allocUnsafe(CHUNK)
          used = 0
        }
        const read = open.read(chunk.subarray(used, Math.min(CHUNK, used + left)))
        if (read === 0) throw new Error(`content ended ${left} bytes early`)
        used += read
        left -= read
      }
    } finally {
      open.close()
    }
    yield* put(Buffer.alloc(tarPadding(node.size)))
  }
}

/** Undefined for what cannot be made in this form: it stays in the tree, and is absent for the process. */
function fileEntry(item: LayerItem, form: FileForm): TarEntry | undefined {
  const { path } = item
  if (item.kind === 'whiteout') return whiteoutEntry(path, form)
  const { node } = item
  if (node.type === 'directory') return directoryEntry(`${path}/`, node.meta, form)
  const isDevice = node.type === 'char' || node.type === 'block'
  if (isDevice && !form.devices) return undefined
  const isLink = item.kind === 'hardlink'
  return {
    ...attributes(node.meta, form),
    type: isLink ? 'hardlink' : node.type,
    name: path,
    linkname: isLink ? item.target : node.type === 'symlink' ? node.target : '',
    size: node.type === 'file' && !isLink ? node.size : 0,
    devmajor: isDevice ? node.major : 0,
    devminor: isDevice ? node.minor : 0,
  }
}

function directoryEntry(name: ByteString, meta: Metadata, form: FileForm): TarEntry {
  return {
    ...attributes(meta, form),
    type: 'directory',
    name,
    linkname: '',
    size: 0,
    devmajor: 0,
    devminor: 0,
  }
}

/** A device 0:0 to the kernel; a marked name to fuse-overlayfs, which may not be able to make devices. */
function whiteoutEntry(path: ByteString, form: FileForm): TarEntry {
  const meta: Metadata = { mode: 0, uid: 0, gid: 0, mtime: 0 }
  const slash = path.lastIndexOf('/') + 1
  const isMarked = form.overlay === 'fuse'
  return {
    ...attributes(meta, form),
    type: isMarked ? 'file' : 'char',
    name: isMarked ? `${path.slice(0, slash)}.wh.${path.slice(slash)}` : path,
    linkname: '',
    size: 0,
    devmajor: 0,
    devminor: 0,
  }
}

/** A number has no more than these digits for times of today; its last one is never rounded up to the next second. */
const DIGITS = 6

function withFraction(entry: TarEntry): TarEntry {
  const { mtime } = entry
  if (Number.isInteger(mtime)) return entry
  return { ...entry, records: new Map([['mtime', Buffer.from(mtime.toFixed(DIGITS))]]) }
}

type Attributes = Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'uname' | 'gname' | 'xattrs'>

function attributes(meta: Metadata, form: FileForm): Attributes {
  const isOwned = form.owners === 'all'
  return {
    mode: meta.mode,
    uid: isOwned ? meta.uid : 0,
    gid: isOwned ? meta.gid : 0,
    mtime: meta.mtime,
    uname: '',
    gname: '',
    xattrs: passedXattrs(meta),
  }
}

/** What a container may find: its capabilities, access lists and a user's own. `trusted.` and the rest are the host's. */
function passedXattrs({ xattrs }: Metadata): ReadonlyMap<ByteString, Uint8Array> {
  if (xattrs === undefined) return NO_XATTRS
  const passed = [...xattrs].filter(([name]) => isPassed(name))
  return passed.length === 0 ? NO_XATTRS : new Map(passed)
}

function isPassed(name: ByteString): boolean {
  if (name === 'security.capability' || name.startsWith('system.posix_acl_')) return true
  return name.startsWith('user.') && !/^user\.(?:overlay|fuseoverlayfs|containers)\./.test(name)
}
