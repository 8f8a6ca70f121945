import { CooperageError } from '../../errors.js'
import type { Descriptor } from '../../image/types.js'
import { BlobList } from '../blob-list.js'
import type { Content } from '../content.js'
import { isForeignLayer } from '../manifest-types.js'
import { readContent } from '../read-content.js'
import { type Document, readDocument } from '../read-document.js'

/** A manifest or index with its bytes, which are pushed as they are. */
export interface PushedDocument extends Document {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** All that a push moves. */
export interface PushList {
  /** Layers and configs, each once. */
  readonly blobs: readonly Descriptor[]
  /** What is named before what names it; the root is the last. */
  readonly documents: readonly PushedDocument[]
}

export interface PushListOptions {
  readonly content: Content
  readonly foreignLayers: boolean
  readonly signal: AbortSignal | undefined
}

const MAX_NESTING = 8
const MAX_DOCUMENTS = 1000
/** All are held until they are pushed. */
const MAX_BYTES = 64 << 20

/** Reads manifests and indexes below a root. @throws E_LIMIT, E_SIZE_MISMATCH, what `content` throws, and as `readDocument` */
export async function pushList(root: Descriptor, options: PushListOptions): Promise<PushList> {
  const { content, foreignLayers, signal } = options
  const blobs = new BlobList()
  const documents = new Map<string, PushedDocument>()
  let size = 0
  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    if (documents.has(descriptor.digest)) return
    if (depth > MAX_NESTING) throw tooMuch(`${MAX_NESTING} indexes inside one another`)
    if (documents.size >= MAX_DOCUMENTS) throw tooMuch(`${MAX_DOCUMENTS} manifests in one index`)
    const bytes = await readContent(content, descriptor, signal)
    size += bytes.byteLength
    if (size > MAX_BYTES) throw tooMuch(`${MAX_BYTES} bytes of manifests in one index`)
    const document = readDocument(bytes, { named: descriptor.mediaType })
    for (const entry of document.index?.manifests ?? []) await visit(entry, depth + 1)
    if (document.manifest !== undefined) {
      const { config, layers } = document.manifest
      for (const part of [config, ...layers]) {
        if (foreignLayers || !isForeignLayer(part.mediaType)) blobs.add(part)
      }
    }
    documents.set(descriptor.digest, { ...document, descriptor, bytes })
  }
  await visit(root, 0)
  return { blobs: blobs.all(), documents: [...documents.values()] }
}

function tooMuch(what: string): CooperageError {
  return new CooperageError('E_LIMIT', `more than ${what}`)
}
