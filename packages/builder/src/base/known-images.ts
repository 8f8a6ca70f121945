import {
  type Descriptor,
  type Digest,
  isCooperageError,
  isDigest,
  MediaType,
  parseDigest,
  type Reference,
  type Store,
} from '@cooperage/store'

/** What the store knows of a name. */
export interface KnownImage {
  /** Of the manifest or index. */
  readonly root: Descriptor
  /** True for a name that was given on this machine: it means what is here, whatever a registry has under it. */
  readonly isOwn: boolean
}

/** What a registry said last time a build asked: the key is the reference in full. */
const KIND = 'base-image'
const JSON_LIMIT = 4 << 20
const ROOTS: ReadonlySet<string> = new Set([
  MediaType.ociIndex,
  MediaType.ociManifest,
  MediaType.dockerManifestList,
  MediaType.dockerManifest,
])

/** Finds a name among those of the store, and among what builds learned of registries; of the latter the newest. */
export async function knownImage(reference: Reference, store: Store): Promise<KnownImage | undefined> {
  const { digest, domain, path } = reference
  if (digest !== undefined) return isDigest(digest) ? byDigest(digest, store) : undefined
  const ref = await store.refs.get(reference.toString())
  if (ref !== undefined && ref.pulled !== true) return { root: ref.descriptor, isOwn: true }
  const record = parse(await store.records.getText(KIND, `${domain}/${path}:${reference.tag}`))
  const isNewer = record !== undefined && (ref === undefined || record.at >= ref.created)
  const root = isNewer ? record.root : ref?.descriptor
  return root && { root, isOwn: false }
}

/**
 * Remembers what a registry said, so that a build can do without it, and the documents are kept for the next.
 * `documents` are in the store. @throws E_STORE_…
 */
export async function rememberImage(
  reference: Reference,
  found: { readonly root: Descriptor; readonly documents: readonly Descriptor[] },
  store: Store,
): Promise<void> {
  const { mediaType, digest, size } = found.root
  const { domain, path, tag } = reference
  // With a digest the tag says nothing.
  const key = reference.digest === undefined ? `${domain}/${path}:${tag}` : `${domain}/${path}@${digest}`
  const blobs = [...new Set([digest, ...found.documents.map((document) => document.digest)])].filter(isDigest)
  const known = parse(await store.records.getText(KIND, key))
  // Images for other platforms of the same index are kept with it; another index is another image.
  const same = known?.root.digest === digest ? known : undefined
  if (same !== undefined && blobs.every((blob) => same.blobs.includes(blob))) return
  const all = [...new Set([...(same?.blobs ?? []), ...blobs])]
  const record: ImageRecord = { root: { mediaType, digest, size }, blobs: all, at: Date.now() }
  await store.records.put(KIND, key, JSON.stringify(record))
}

interface ImageRecord {
  readonly root: Descriptor
  /** The store takes the record for lost when one of these is. */
  readonly blobs: readonly Digest[]
  /** Milliseconds since 1970. */
  readonly at: number
}

function parse(text: string | undefined): ImageRecord | undefined {
  if (text === undefined) return undefined
  try {
    const { root, blobs, at } = JSON.parse(text) as Partial<ImageRecord>
    const isRoot = isDigest(root?.digest) && ROOTS.has(root.mediaType) && Number.isSafeInteger(root.size)
    if (!isRoot || !Array.isArray(blobs) || typeof at !== 'number') return undefined
    return { root, blobs: blobs.filter(isDigest), at }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A digest is its own name: whatever brought the document here, it is the one that is meant. */
async function byDigest(digest: Digest, store: Store): Promise<KnownImage | undefined> {
  const blob = await store.blobs.stat(digest)
  if (blob === undefined || blob.size > JSON_LIMIT) return undefined
  try {
    const bytes = await store.blobs.readAll(parseDigest(digest), JSON_LIMIT)
    const { mediaType } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { mediaType?: unknown }
    if (typeof mediaType !== 'string' || !ROOTS.has(mediaType)) return undefined
    return { root: { mediaType, digest, size: blob.size }, isOwn: true }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    if (isCooperageError(error) && error.category === 'store') return undefined
    throw error
  }
}
