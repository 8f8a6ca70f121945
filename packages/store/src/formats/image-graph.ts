import { blobMissing } from '../blobs/blob-failure.js'
import type { BlobStore } from '../blobs/blob-store.js'
import { type Digest, parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { isIndexType, isManifestType } from '../image/match-platform.js'
import { parseIndex } from '../image/parse-index.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { parseManifest } from '../image/parse-manifest.js'
import type { Descriptor, Manifest } from '../image/types.js'

/** A manifest that was reached. */
export interface ImageNode {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

export interface ImageGraph {
  /** Every blob once, with its size in bytes: manifests before what they name. */
  readonly blobs: ReadonlyMap<Digest, number>
  readonly images: readonly ImageNode[]
  /** What is not there and may be absent: platforms of an index, layers that are not distributed. */
  readonly missing: readonly Descriptor[]
}

export interface GraphOptions {
  readonly store: BlobStore
  /** Makes sure that the store has the blob; false when it is nowhere. Default: looks whether the store has it. */
  readonly obtain?: (descriptor: Descriptor) => Promise<boolean>
  /** The error for a blob that must be there and is not. */
  readonly absent?: (descriptor: Descriptor) => Error
  readonly signal?: AbortSignal
}

const MAX_DEPTH = 8

/**
 * All that hangs below a manifest or an index. An index may lack some of its platforms, as archives of one platform
 * do, but not all.
 *
 * @throws what `absent` makes (default E_BLOB_MISSING), E_SIZE_MISMATCH, and what the parsers of manifests throw.
 */
export async function readImageGraph(root: Descriptor, options: GraphOptions): Promise<ImageGraph> {
  const walk = new Walk(options)
  const missing = await walk.visit(root, 0)
  if (missing !== undefined) throw walk.absent(missing)
  return walk
}

class Walk implements ImageGraph {
  readonly blobs: Map<Digest, number> = new Map()
  readonly images: ImageNode[] = []
  readonly missing: Descriptor[] = []
  readonly #options: GraphOptions

  constructor(options: GraphOptions) {
    this.#options = options
  }

  absent(descriptor: Descriptor): Error {
    return this.#options.absent?.(descriptor) ?? blobMissing(parseDigest(descriptor.digest))
  }

  /** What is missing of this node, if anything is; nothing of the node is kept then. */
  async visit(node: Descriptor, depth: number): Promise<Descriptor | undefined> {
    this.#options.signal?.throwIfAborted()
    const digest = parseDigest(node.digest)
    if (this.blobs.has(digest)) return undefined
    if (depth > MAX_DEPTH) {
      throw new CooperageError('E_LIMIT', `more than ${MAX_DEPTH} indexes inside one another`)
    }
    if (!(await this.#obtain(node))) return node
    if (isManifestType(node.mediaType)) return this.#visitManifest(node, digest)
    this.blobs.set(digest, node.size)
    return isIndexType(node.mediaType) ? this.#visitIndex(digest, depth) : undefined
  }

  async #visitManifest(node: Descriptor, digest: Digest): Promise<Descriptor | undefined> {
    const manifest = parseManifest(await this.#options.store.readAll(digest, JSON_LIMIT))
    const parts: Descriptor[] = []
    for (const part of [manifest.config, ...manifest.layers]) {
      if (await this.#obtain(part)) parts.push(part)
      else if (isForeign(part)) this.missing.push(part)
      else return part
    }
    this.blobs.set(digest, node.size)
    for (const part of parts) this.blobs.set(parseDigest(part.digest), part.size)
    this.images.push({ descriptor: node, manifest })
    return undefined
  }

  async #visitIndex(digest: Digest, depth: number): Promise<Descriptor | undefined> {
    const index = parseIndex(await this.#options.store.readAll(digest, JSON_LIMIT))
    let found = 0
    let firstMissing: Descriptor | undefined
    for (const entry of index.manifests) {
      const missing = await this.visit(entry, depth + 1)
      if (missing === undefined) found++
      else {
        firstMissing ??= missing
        this.missing.push(missing)
      }
    }
    return found === 0 ? firstMissing : undefined
  }

  async #obtain(descriptor: Descriptor): Promise<boolean> {
    if (this.#options.obtain) return this.#options.obtain(descriptor)
    return inStore(this.#options.store, descriptor)
  }
}

/**
 * True when the store has the blob.
 * @throws E_SIZE_MISMATCH when its size is not the one that is announced.
 */
export async function inStore(store: BlobStore, descriptor: Descriptor): Promise<boolean> {
  const found = await store.stat(parseDigest(descriptor.digest))
  if (found && found.size !== descriptor.size) {
    throw new CooperageError(
      'E_SIZE_MISMATCH',
      `blob ${descriptor.digest} has ${found.size} bytes, its descriptor says ${descriptor.size}`,
      { data: { digest: descriptor.digest, expected: descriptor.size, found: found.size } },
    )
  }
  return found !== undefined
}

/** Layers of Windows and the like, which are fetched from `urls` and often are in no archive. */
function isForeign(descriptor: Descriptor): boolean {
  return /nondistributable|\.foreign\./.test(descriptor.mediaType) || (descriptor.urls?.length ?? 0) > 0
}
