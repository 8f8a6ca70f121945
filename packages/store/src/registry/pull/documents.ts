import type { BlobStore } from '../../blobs/blob-store.js'
import { parseDigest } from '../../digest.js'
import { CooperageError } from '../../errors.js'
import { layerCountError } from '../../image/layer-count.js'
import { parseConfig } from '../../image/parse-config.js'
import { JSON_LIMIT } from '../../image/parse-json.js'
import { type Descriptor, type ImageConfig, type Manifest, MediaType } from '../../image/types.js'
import { BlobList } from '../blob-list.js'
import type { RawManifest } from '../client.js'
import { hostOf } from '../credentials/server-names.js'
import { readDocument } from '../read-document.js'
import type { Reference } from '../reference.js'
import { saidBy } from '../said-by.js'
import type { Call } from '../transport/call.js'
import type { Servers } from '../transport/servers.js'
import { type BlobFetching, fetchBlob } from './fetch-blob.js'
import { getManifest, headManifest } from './get-manifest.js'
import { embeddedBytes, keepBytes, keptBytes } from './keep-bytes.js'

/** Finds what a tag stands for. A HEAD tells in most cases; where it does not, the manifest itself comes along. */
export function resolveTag(
  servers: Servers,
  reference: Reference,
  call: Call,
): Promise<
  Pick<Descriptor, 'digest' | 'mediaType'> & { readonly size?: number; readonly raw?: RawManifest }
> {
  const name = String(reference)
  const wanted = { reference: reference.tag ?? 'latest', name }
  return servers.firstOf('resolve', call, async (server) => {
    const head = await headManifest(server, wanted, call)
    if (head !== undefined) {
      const { digest, mediaType, size } = head
      return { digest, mediaType, ...(size !== undefined && { size }) }
    }
    const raw = await getManifest(server, wanted, call)
    return { ...raw.descriptor, raw }
  })
}

type DocumentsOptions = Omit<BlobFetching, 'foreignLayers'>

/**
 * Hands over the documents of one repository. Each is there as soon as it is known to be right, while the disk makes
 * sure of it; when this resolves, or throws, all that were asked for are in the store or cannot be.
 * @throws as the writers of the store
 */
export async function withDocuments<T>(
  options: DocumentsOptions,
  use: (documents: Documents) => Promise<T>,
): Promise<T> {
  const documents = new Documents(options)
  let result: T
  try {
    result = await use(documents)
  } catch (error) {
    await documents.stored().catch(() => {})
    throw error
  }
  await documents.stored()
  return result
}

/** Manifests, indexes and configs of one repository, from the store where it has them, and kept there where not. */
export class Documents {
  readonly #options: DocumentsOptions
  readonly #store: BlobStore
  readonly #keeping: Promise<void>[] = []

  constructor(options: DocumentsOptions) {
    this.#options = options
    this.#store = options.store
  }

  /** @throws as `resolveTag` and `manifest` */
  async root(reference: Reference): Promise<RawManifest> {
    const { servers, call } = this.#options
    if (reference.digest !== undefined) {
      return this.manifest({ digest: parseDigest(reference.digest), mediaType: '' })
    }
    const found = await resolveTag(servers, reference, call)
    if (found.raw === undefined) return this.manifest({ digest: found.digest, mediaType: found.mediaType })
    this.#keep(found.raw.bytes, found.raw.descriptor)
    return found.raw
  }

  /**
   * What a descriptor names; one without size or media type says what little is known.
   * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH, E_LIMIT, and as `readDocument`
   */
  async manifest(
    wanted: Pick<Descriptor, 'digest' | 'mediaType'> & Partial<Descriptor>,
  ): Promise<RawManifest> {
    const { servers, call } = this.#options
    const { mediaType: named, size } = wanted
    const digest = parseDigest(wanted.digest)
    const kept =
      (await keptBytes(this.#store, { digest }, JSON_LIMIT)) ??
      (size === undefined ? undefined : this.#embedded({ ...wanted, size }))
    if (kept !== undefined) {
      const { mediaType, ...parsed } = this.#said({ digest }, () => {
        checkSize(digest, size ?? kept.byteLength, kept.byteLength)
        return readDocument(kept, { named })
      })
      return { descriptor: { mediaType, digest, size: kept.byteLength }, bytes: kept, ...parsed }
    }
    const name = `${servers.repository}@${digest}`
    const raw = await servers.firstOf('pull', call, (server) =>
      getManifest(
        server,
        { reference: digest, name, mediaType: named, ...(size !== undefined && { size }) },
        call,
      ),
    )
    this.#keep(raw.bytes, raw.descriptor)
    return raw
  }

  /** Waits until all documents that were handed over are in the store, or cannot be. @throws as the writers of the store */
  async stored(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#keeping)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** @throws E_CONFIG, E_LIMIT, E_SIZE_MISMATCH, E_DIFFID when it does not fit the manifest, and as `fetchBlob` */
  async config(manifest: Manifest): Promise<ImageConfig> {
    const { config: descriptor, layers } = manifest
    this.#said(descriptor, () => checkConfigDescriptor(manifest))
    const bytes = await this.#configBytes(descriptor)
    return this.#said(descriptor, () => {
      const config = parseConfig(bytes)
      const found = config.rootfs.diff_ids.length
      if (found === layers.length) return config
      throw layerCountError(found, layers.length)
    })
  }

  async #configBytes(descriptor: Descriptor): Promise<Uint8Array> {
    const kept = await keptBytes(this.#store, descriptor, JSON_LIMIT)
    if (kept !== undefined) {
      const { digest, size } = descriptor
      this.#said(descriptor, () => checkSize(digest, size, kept.byteLength))
      return kept
    }
    await fetchBlob(descriptor, { ...this.#options, foreignLayers: false })
    return this.#store.readAll(parseDigest(descriptor.digest), JSON_LIMIT)
  }

  /** What is wrong with a document that a repository names is not the fault of who asked for it. */
  #said<T>({ digest }: Pick<Descriptor, 'digest'>, read: () => T): T {
    const { repository } = this.#options.servers
    return saidBy({ host: hostOf(repository), asked: `${digest} of ${repository}` }, read)
  }

  #embedded(descriptor: Descriptor): Uint8Array | undefined {
    const bytes = embeddedBytes(descriptor)
    if (bytes !== undefined) this.#keep(bytes, descriptor)
    return bytes
  }

  #keep(bytes: Uint8Array, descriptor: Descriptor): void {
    const kept = keepBytes(this.#store, bytes, descriptor)
    // Told when all is waited for.
    kept.catch(() => {})
    this.#keeping.push(kept)
  }
}

function checkConfigDescriptor({ config, layers }: Manifest): void {
  const { mediaType, size } = config
  if (mediaType !== MediaType.ociConfig && mediaType !== MediaType.dockerConfig) {
    throw new CooperageError('E_CONFIG', `this is no image: its config is of type ${mediaType}`, {
      data: { mediaType },
    })
  }
  if (size > JSON_LIMIT) {
    throw new CooperageError('E_LIMIT', `the config has ${size} bytes, more than ${JSON_LIMIT}`, {
      data: { limit: JSON_LIMIT, found: size },
    })
  }
  const parts = new BlobList()
  for (const part of [config, ...layers]) parts.add(part)
}

function checkSize(digest: string, expected: number, found: number): void {
  if (found === expected) return
  throw new CooperageError(
    'E_SIZE_MISMATCH',
    `${digest} has ${found} bytes, its descriptor says ${expected}`,
    {
      data: { digest, expected, found },
    },
  )
}
