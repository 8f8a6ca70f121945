import { type Digest, isDigest } from '../digest.js'

/** Documents of images are smaller (image-spec, "pushing manifests": registries refuse above 4 MiB). */
export const DOCUMENT_LIMIT: number = 4 << 20

/**
 * The digests that a manifest or an index names: config, layers, manifests, subject, and those of an image of
 * Docker's list. Anything else, such as a config or bytes that are no JSON, names none.
 */
export function digestsNamedBy(bytes: Uint8Array): Digest[] {
  const document = parseObject(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  if (document === undefined) return []
  const descriptors = [document.config, document.subject, document.layers, document.manifests].flat()
  return descriptors.flatMap((descriptor) => {
    const digest = isObject(descriptor) ? descriptor.digest : undefined
    return isDigest(digest) ? [digest] : []
  })
}

/**
 * What a record keeps, by its kind. `needs`: the blobs without which it is worth nothing. `keeps`: true when they
 * are kept for its sake; else they are dropped with whatever else kept them, and the record after them.
 */
export interface RecordBlobs {
  readonly needs: readonly Digest[]
  readonly keeps: boolean
}

/** True for the kinds of which the store knows that they name blobs. */
export function namesBlobs(kind: string): boolean {
  return ['step', 'layer-compressed', 'http', 'git', 'base-image'].includes(kind)
}

/** The blobs that a record names; those of kinds that the store does not know name none. */
export function blobsOfRecord(kind: string, payload: Uint8Array): RecordBlobs {
  if (!namesBlobs(kind)) return { needs: [], keeps: false }
  const record = parseObject(
    Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'),
  )
  if (kind !== 'layer-compressed') {
    const blobs = record?.blobs
    return { needs: Array.isArray(blobs) ? blobs.filter(isDigest) : [], keeps: true }
  }
  const descriptor = record?.descriptor
  const digest = isObject(descriptor) ? descriptor.digest : undefined
  return { needs: isDigest(digest) ? [digest] : [], keeps: false }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
