import {
  type Digest,
  type LayerItem,
  LayerStream,
  type Metadata,
  readTar,
  type Store,
  type TarEntry,
  type TreeNode,
} from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import { upperArchive } from '../projection/upper-archive.js'
import { writeContent } from '../projection/write-content.js'
import type { FileAccess } from '../sandbox/file-access.js'
import { MOUNT_LIMITS } from './mount-limits.js'
import { mountTooLarge } from './mount-too-large.js'

interface PackOptions {
  readonly store: Store
  readonly signal: AbortSignal
  readonly files: FileAccess
  /** Uncompressed bytes so far. */
  readonly onProgress: (bytes: number) => void
}

const HINT = 'empty it, or give its steps another id'
const CAPABILITY = 'security.capability'
const NOTHING = { kind: 'bytes', bytes: new Uint8Array(0) } as const

/**
 * Writes the directory of a cache mount into the store, as a layer is written: the same content gives the same bytes.
 * Sockets and devices are left out. Times stay as they are, in whole seconds.
 * @throws E_LIMIT, and E_TOOL when a file changes while it is read
 */
export async function packMount(
  directory: string,
  mount: RunMount,
  options: PackOptions,
): Promise<{ readonly diffId: Digest; readonly size: number }> {
  const { store, signal, files, onProgress } = options
  await using writer = await store.blobs.writer({ signal, transfer: true })
  const layer = new LayerStream(writer, { signal, onProgress })
  const packed = new Map<string, TreeNode>()
  let bytes = 0
  const archive = upperArchive(directory, { enter: files.enter, overlay: 'none', signal })
  for await (const item of readTar(archive, { signal })) {
    const { entry } = item
    bytes += entry.size
    if (packed.size >= MOUNT_LIMITS.entries) throw mountTooLarge('entries', MOUNT_LIMITS.entries, HINT)
    if (bytes > MOUNT_LIMITS.bytes) throw mountTooLarge('bytes', MOUNT_LIMITS.bytes, HINT)
    const path = clean(entry.name)
    const one = layerItem(entry, { path, mount, files, packed })
    if (one === undefined) continue
    packed.set(path, one.node)
    layer.item(one)
    if (entry.type === 'file') await writeContent(item, layer)
    if (layer.full) await layer.flush()
  }
  await layer.end()
  const { digest: diffId, size } = await writer.commit()
  return { diffId, size }
}

interface Place {
  readonly path: string
  readonly mount: RunMount
  readonly files: FileAccess
  readonly packed: ReadonlyMap<string, TreeNode>
}

function layerItem(
  entry: TarEntry,
  { path, mount, files, packed }: Place,
): Extract<LayerItem, { readonly node: TreeNode }> | undefined {
  if (entry.type === 'hardlink') {
    const target = clean(entry.linkname)
    const node = packed.get(target)
    return node && { kind: 'hardlink', path, target, node }
  }
  const node = nodeOf(entry, metadataOf(entry, mount, files))
  return node && { kind: 'node', path, node }
}

function nodeOf(entry: TarEntry, meta: Metadata): TreeNode | undefined {
  switch (entry.type) {
    case 'directory':
      return { type: 'directory', meta, children: new Map() }
    case 'symlink':
      return { type: 'symlink', meta, target: entry.linkname }
    case 'fifo':
      return { type: 'fifo', meta }
    case 'file':
      return { type: 'file', meta, size: entry.size, content: NOTHING }
    default:
      return undefined
  }
}

/** Where all files have one owner, it is the one whom the mount names: on another machine there are others. */
function metadataOf(entry: TarEntry, mount: RunMount, { owners }: FileAccess): Metadata {
  const { uid, gid } = owners === 'all' ? entry : { uid: mount.uid ?? 0, gid: mount.gid ?? 0 }
  const meta = { mode: entry.mode & 0o7777, uid, gid, mtime: Math.floor(entry.mtime) }
  const capability = entry.xattrs.get(CAPABILITY)
  return capability === undefined ? meta : { ...meta, xattrs: new Map([[CAPABILITY, capability]]) }
}

/** The directory itself is `.`. */
function clean(name: string): string {
  return name.replace(/^\.\/+/, '').replace(/\/+$/, '') || '.'
}
