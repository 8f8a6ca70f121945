import {
  type ArchiveItem,
  applyArchive,
  type Descriptor,
  type Digest,
  type DirectoryNode,
  decompressed,
  decompressLayer,
  directoryOf,
  parseDigest,
  type Store,
  scanTar,
} from '@cooperage/store'
import type { SharedMount } from '../../cache/shared/imported-cache.js'
import { MOUNT_LIMITS } from './mount-limits.js'
import { mountTooLarge } from './mount-too-large.js'

interface ReadMountOptions {
  readonly store: Store
  readonly signal: AbortSignal
}

const TYPES: readonly string[] = ['file', 'directory', 'symlink', 'hardlink', 'fifo']

/**
 * What a shared cache has of a cache mount, as a tree whose files point into a blob of the store. The archive is from
 * outside: its digests are checked before anything is read of it, names stay inside, and devices are left out.
 * @throws E_LIMIT, what the place gives, E_GZIP_… and E_TAR_… for an archive that is none
 */
export async function readMount(mount: SharedMount, options: ReadMountOptions): Promise<DirectoryNode> {
  const { store, signal } = options
  const { diffId } = mount
  await obtain(mount, options)
  // Parts are read below, which no digest can judge.
  for await (const _ of store.blobs.read(diffId, { signal }));
  await using range = await store.blobs.openRange(diffId)
  const items: ArchiveItem[] = []
  let root = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 })
  let bytes = 0
  for await (const item of scanTar(range, { signal })) {
    const { type, name, size, mode, uid, gid, mtime } = item.entry
    bytes += size
    if (items.length >= MOUNT_LIMITS.entries) throw mountTooLarge('entries', MOUNT_LIMITS.entries)
    // A sparse file of a few bytes may say that it is large.
    if (bytes > MOUNT_LIMITS.bytes) throw mountTooLarge('bytes', MOUNT_LIMITS.bytes)
    if (type === 'directory' && /^(?:\.?\/)+$/.test(name)) root = directoryOf({ mode, uid, gid, mtime })
    else if (TYPES.includes(type)) items.push(item)
  }
  return applyArchive(root, items, { blob: diffId, as: 'archive', now: root.meta.mtime })
}

/** Brings the uncompressed archive into the store. */
async function obtain(mount: SharedMount, { store, signal }: ReadMountOptions): Promise<void> {
  const { descriptor, diffId, size, origin } = mount
  if (size > MOUNT_LIMITS.bytes || descriptor.size > MOUNT_LIMITS.bytes)
    throw mountTooLarge('bytes', MOUNT_LIMITS.bytes)
  if ((await store.blobs.stat(diffId)) !== undefined) return
  if ((await store.blobs.stat(parseDigest(descriptor.digest))) === undefined)
    await origin.fetchBlob(descriptor, signal)
  if (descriptor.digest === diffId) return
  await decompress(descriptor, { diffId, size, store, signal })
  // Told as the layer's compressed form, so that it is written to another cache as it came.
  await decompressLayer(descriptor, diffId, { store: store.blobs, records: store.records, signal })
}

/** No further than to the size that was promised: a few bytes can make any number. */
async function decompress(
  descriptor: Descriptor,
  { diffId, size, store, signal }: ReadMountOptions & { readonly diffId: Digest; readonly size: number },
): Promise<void> {
  const compressed = store.blobs.read(parseDigest(descriptor.digest), { size: descriptor.size, signal })
  await using writer = await store.blobs.writer({ expect: { digest: diffId, size }, signal })
  for await (const chunk of decompressed(compressed, { what: `cache mount ${descriptor.digest}`, signal })) {
    if (writer.written + chunk.length > size) throw mountTooLarge('bytes', size)
    await writer.write(new Uint8Array(chunk))
  }
  await writer.commit()
}
