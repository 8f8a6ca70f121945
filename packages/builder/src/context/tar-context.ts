import {
  type ArchiveItem,
  applyArchive,
  type BlobStore,
  CooperageError,
  type Digest,
  decompressed,
  directoryOf,
  scanTar,
} from '@cooperage/store'
import { loadTree } from './load-tree.js'
import { newestFile } from './newest-file.js'
import type { ContextLoadOptions, ContextSource, LoadedContext } from './source.js'

export interface TarContextOptions {
  /** For messages. Default `tar archive`. */
  readonly name?: string
}

/**
 * A tar archive as a context, plain or compressed (told by its first bytes). Its content is kept in the blob store
 * given to `load`, uncompressed, and read from there. The stream is read once: so is the context. Its entries must
 * stay inside of it. As with `docker build -`, they keep their owners, and a `.dockerignore` among them is not applied.
 * @throws E_CTX_CONSUMED on a second `load`
 */
export function tarContext(
  source: AsyncIterable<Uint8Array>,
  options: TarContextOptions = {},
): ContextSource {
  const name = options.name ?? 'tar archive'
  let isConsumed = false
  return {
    name,
    async load(load = {}) {
      if (isConsumed) {
        throw new CooperageError('E_CTX_CONSUMED', `the ${name} has been read already`, {
          hint: 'a stream makes one context; open it again for another',
        })
      }
      isConsumed = true
      return loadTar(source, name, load)
    },
  }
}

async function loadTar(
  source: AsyncIterable<Uint8Array>,
  name: string,
  options: ContextLoadOptions,
): Promise<LoadedContext> {
  const { spool, signal } = options
  if (!spool) {
    throw new CooperageError('E_CTX_SPOOL', `the ${name} needs a blob store to be kept in`, {
      category: 'internal',
    })
  }
  const stop = signal ? { signal } : {}
  const blob = await store(decompressed(source, { what: `the ${name}`, ...stop }), spool, stop)
  const items = await readItems(blob, spool, stop)
  const root = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 })
  const tree = applyArchive(root, items, { blob, as: 'archive' })
  const time = newestFile(items.map(({ entry }) => entry))
  return loadTree({ tree, identity: `tar:${blob}`, blobs: spool, isArchive: true, time }, options)
}

interface Stop {
  readonly signal?: AbortSignal
}

async function store(content: AsyncIterable<Uint8Array>, spool: BlobStore, stop: Stop): Promise<Digest> {
  await using writer = await spool.writer(stop)
  // The writer keeps what it is given; chunks of a stream may share memory with others.
  for await (const chunk of content) await writer.write(Uint8Array.from(chunk))
  return (await writer.commit()).digest
}

/** Names are judged when the archive becomes a tree, before anything uses them. */
async function readItems(blob: Digest, spool: BlobStore, stop: Stop): Promise<ArchiveItem[]> {
  await using range = await spool.openRange(blob)
  const items: ArchiveItem[] = []
  for await (const item of scanTar(range, { trailing: 'reject', empty: 'reject', ...stop })) items.push(item)
  return items
}
