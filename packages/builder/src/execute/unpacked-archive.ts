import {
  type ArchiveItem,
  type BlobStore,
  type Contents,
  CooperageError,
  type Digest,
  decompressed,
  type FileNode,
  isCooperageError,
  looksLikeTar,
  openContents,
  scanTar,
  TAR_HEAD,
  toUtf8,
} from '@cooperage/store'
import type { CopyItem } from './copy-into.js'
import type { StepEnvironment } from './step-environment.js'

/** A local archive that ADD takes apart: its entries, and the blob that their contents lie in. */
export interface UnpackedArchive {
  readonly blob: Digest
  readonly items: readonly ArchiveItem[]
}

const CHUNK = 1 << 18

/**
 * The items of an ADD, those that are archives and are to be unpacked with their entries. What decides is the content, whatever the name: a
 * tar, plain or compressed. The tar goes into the store, since the files of the new layer are read from it.
 * @throws E_COMPRESSION_UNSUPPORTED for forms of xz and bzip2 that cannot be looked into, E_TAR_… for a broken archive
 */
export async function findArchives(
  items: readonly CopyItem[],
  environment: StepEnvironment,
  unpacks: (item: CopyItem) => boolean,
): Promise<CopyItem[]> {
  const isCandidate = (item: CopyItem) => item.node.type === 'file' && item.node.size > 0 && unpacks(item)
  const files = items.filter(isCandidate).map(({ node }) => node as FileNode)
  if (files.length === 0) return [...items]
  await using contents = await openContents(files, environment.store.blobs, environment.openHost)
  const found: CopyItem[] = []
  for (const item of items) {
    const archive =
      item.node.type === 'file' && isCandidate(item)
        ? await unpack(item.node, { contents, environment, name: toUtf8(item.path) })
        : undefined
    found.push(archive === undefined ? item : { ...item, archive })
  }
  return found
}

interface UnpackContext {
  readonly contents: Contents
  readonly environment: StepEnvironment
  readonly name: string
}

async function unpack(node: FileNode, context: UnpackContext): Promise<UnpackedArchive | undefined> {
  const { contents, environment, name } = context
  if (!(await isArchive(node, context))) return undefined
  const { blobs } = environment.store
  await using writer = await blobs.writer({ signal: environment.signal })
  for await (const chunk of decompressed(chunksOf(node, contents), {
    what: name,
    signal: environment.signal,
  })) {
    await writer.write(Buffer.from(chunk))
  }
  const { digest } = await writer.commit()
  return { blob: digest, items: await entries(blobs, digest) }
}

async function entries(blobs: BlobStore, blob: Digest): Promise<ArchiveItem[]> {
  await using range = await blobs.openRange(blob)
  const items: ArchiveItem[] = []
  for await (const item of scanTar(range)) items.push(item)
  return items
}

/** Something compressed that is no tar inside is an ordinary file. */
async function isArchive(node: FileNode, { contents, name }: UnpackContext): Promise<boolean> {
  const head = Buffer.alloc(TAR_HEAD)
  let filled = 0
  try {
    for await (const chunk of decompressed(chunksOf(node, contents), { what: name })) {
      filled += Buffer.from(chunk).copy(head, filled)
      if (filled === head.length) break
    }
  } catch (error) {
    if (isCooperageError(error) && /^E_(?:GZIP|ZSTD|XZ|BZIP2)_/.test(error.code)) return false
    throw withAdvice(error)
  }
  return looksLikeTar(head.subarray(0, filled))
}

function withAdvice(error: unknown): unknown {
  if (!isCooperageError(error) || error.code !== 'E_COMPRESSION_UNSUPPORTED') return error
  return new CooperageError(error.code, `ADD cannot look into it: ${error.message}`, {
    hint: `use COPY to take it as it is, or ${error.hint}`,
    data: error.data,
    cause: error,
  })
}

async function* chunksOf(node: FileNode, contents: Contents): AsyncGenerator<Uint8Array> {
  const content = contents.open(node)
  try {
    while (true) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, node.size))
      const read = content.read(chunk)
      if (read === 0) break
      yield chunk.subarray(0, read)
    }
  } finally {
    content.close()
  }
}
