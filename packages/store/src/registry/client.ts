import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import type { Transport } from '../http/transport.js'
import type { Descriptor, ImageConfig, Index, Manifest, Platform } from '../image/types.js'
import type { RecordStore } from '../records/record-store.js'
import type { Content } from './content.js'
import type { Credential, CredentialSource } from './credential.js'
import type { EndpointPolicy } from './endpoint.js'
import type { OnRegistryEvent } from './events.js'
import type { Reference } from './reference.js'

/** How registries are reached. All may be left out. */
export interface RegistryClientOptions {
  /** Default: {@link plainEndpoints}, docker.io at its server, http for loopback only. */
  readonly endpoints?: EndpointPolicy
  /** Default: nobody. Asked when a server wants to know, once a repository. */
  readonly credentials?: CredentialSource
  /** Default: node:http and node:https with connections that are kept. A transport that is given is not disposed. */
  readonly transport?: Transport
  /** Variables as a process has them: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in small letters or large. Default: no proxy. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly timeouts?: RegistryTimeouts
  /** Transfers of one call that are under way at once; while the disk makes sure of what came, others are begun. Default 4. */
  readonly parallel?: number
  /** Tries of one request before it fails, the first included. Default 5. */
  readonly tries?: number
  /** Longest wait between two tries in milliseconds, whatever Retry-After asks for. Default 60 000. */
  readonly longestWait?: number
  /** Blobs larger than this are pushed in pieces of this many bytes, each retried alone. Default: in one piece. */
  readonly chunkSize?: number
  /** Sent as User-Agent. Default `cooperage`. */
  readonly userAgent?: string
  /** Default: the clock of the machine. */
  readonly clock?: RegistryClock
}

/** In milliseconds. */
export interface RegistryTimeouts {
  /** Name, connection, TLS. Default 30 000. */
  readonly connect?: number
  /** From the end of the request to the head of the answer. Default 60 000; five times as long at the end of an upload. */
  readonly head?: number
  /** Longest pause within a body, either way. Default 60 000. */
  readonly stall?: number
}

export interface RegistryClock {
  /** Milliseconds since 1970. */
  now(): number
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onEvent?: OnRegistryEvent
}

/** Where a call keeps what it fetches. */
export interface StoringOptions extends CallOptions {
  readonly store: BlobStore
  /** Remembers which repositories hold a blob, so that a later push can mount it there. */
  readonly records?: RecordStore
}

export interface ResolveImageOptions extends StoringOptions {
  /** Default: this machine's. */
  readonly platform?: Platform
}

export interface PullOptions extends StoringOptions {
  /**
   * Of an index: the best match for each of these, or all that it has. An image without an index must be for one that
   * is asked for. Default: this machine's, and an image without an index whatever it is for.
   */
  readonly platforms?: readonly Platform[] | 'all'
  /** Fetch layers from the `urls` of their descriptors, which may lead anywhere. Default: E_FOREIGN_LAYER. */
  readonly foreignLayers?: boolean
}

export interface FetchBlobOptions extends StoringOptions, Pick<PullOptions, 'foreignLayers'> {
  /** Of a layer: the store shall have it uncompressed too. It is decompressed while it arrives. */
  readonly diffId?: Digest
}

export interface PushOptions extends CallOptions {
  /** The manifest or index to push, with all that it names. */
  readonly root: Descriptor
  /** `storeContent(store.blobs)`, or a repository for a copy. */
  readonly content: Content
  /** Tags beside that of the reference. */
  readonly tags?: readonly string[]
  /** Repositories that may hold the same blobs; those of the same registry are tried for mounting. */
  readonly mountFrom?: readonly Reference[]
  /** Where earlier calls remembered which repositories hold a blob, and where this one does. */
  readonly records?: RecordStore
  /** Upload layers that their makers want fetched from `urls`. Default: they are left out (image-spec, layer.md). */
  readonly foreignLayers?: boolean
}

export interface CopyOptions extends CallOptions {
  /**
   * Of an index: all of it by default. With platforms, an index is replaced by the one manifest that fits best; more
   * than one platform is refused, since the index would need another digest. An image without an index must be for the
   * platform. `default`: this machine's, and an image without an index whatever it is for.
   */
  readonly platform?: Platform | 'default'
  readonly tags?: readonly string[]
  readonly records?: RecordStore
  readonly foreignLayers?: boolean
}

/** A manifest or an index as the registry has it. */
export interface RawManifest {
  readonly descriptor: Descriptor
  /** Exactly the bytes of the digest; never written anew. */
  readonly bytes: Uint8Array
  /** The parsed form of what it is; neither for other documents. */
  readonly manifest?: Manifest
  readonly index?: Index
}

/** One image of one platform, its manifest and config in the store, its layers perhaps not. */
export interface ResolvedImage {
  /** With the digest of `root`. */
  readonly reference: Reference
  /** What the reference stands for: an index, or the manifest itself. */
  readonly root: Descriptor
  /** Of the manifest. */
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
}

/** One image of those that were pulled. */
export interface PulledManifest {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  /** Absent where the config is of a type that says nothing of an image, as that of an artifact. */
  readonly config?: ImageConfig
}

export interface PulledImage {
  readonly reference: Reference
  /** What a ref of the store should point to: the index, if there is one. Every blob of `images` is in the store. */
  readonly root: Descriptor
  readonly images: readonly PulledManifest[]
  /** Blobs by what it took to have them. */
  readonly blobs: { readonly existed: number; readonly fetched: number }
}

export interface PushedImage {
  /** What the registry now has under the reference and the tags. */
  readonly root: Descriptor
  readonly blobs: { readonly existed: number; readonly mounted: number; readonly uploaded: number }
}

/**
 * Speaks to registries (OCI distribution-spec v1.1). Connections, tokens and answers to challenges are kept and shared
 * by all calls until it is disposed.
 *
 * References have a tag or a digest, or mean `latest`; with both, the digest counts. Servers are asked in the order of
 * the endpoint policy; what a mirror answers is trusted through digests only.
 *
 * Every call may throw: E_REG_NOT_FOUND, E_REG_DENIED, E_REG_RATE, E_REG_SERVER, E_REG_NOT_A_REGISTRY, E_REG_REDIRECT,
 * E_REG_ENCODING, E_REG_PROTOCOL, E_REG_BLOCKED, E_AUTH_CHALLENGE, E_AUTH_REALM, E_AUTH_TOKEN, E_CREDENTIALS, E_TLS,
 * E_PROXY, E_DNS, E_CONNECT, E_TIMEOUT, E_LIMIT; and the abort reason when aborted. They name host and reference, and
 * no secret.
 */
export interface RegistryClient extends AsyncDisposable {
  /** What a reference stands for now, by one HEAD (a GET where the server does not know HEAD). Nothing is stored. */
  head(reference: Reference, options?: CallOptions): Promise<Descriptor>

  /**
   * The bytes of a manifest or index, checked against their digest; at most 4 MiB. Nothing is stored.
   * @throws E_DIGEST_MISMATCH, E_SIZE_MISMATCH, E_MANIFEST, E_MANIFEST_AMBIGUOUS, E_SCHEMA1
   */
  manifest(reference: Reference, options?: CallOptions): Promise<RawManifest>

  /**
   * Chooses the image for a platform and brings its manifest and config, and the index above, into the store; no
   * layer. A tag costs one HEAD when the store has them, a digest costs nothing.
   * @throws as `manifest`, and E_PLATFORM, E_CONFIG
   */
  resolve(reference: Reference, options: ResolveImageOptions): Promise<ResolvedImage>

  /**
   * Brings images whole into the store; what it has is not fetched. A blob becomes visible when all of it is there and
   * right; what was cut is resumed, also by a later call. Writes no ref.
   * @throws as `resolve`, and E_FOREIGN_LAYER
   */
  pull(reference: Reference, options: PullOptions): Promise<PulledImage>

  /**
   * Brings one blob of the repository into the store, such as a layer that `resolve` left out; with `diffId`, the layer
   * as it is uncompressed as well. False: the blob was there. Idempotent.
   * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH, E_FOREIGN_LAYER; E_DIFFID and E_GZIP_… and the like with `diffId`: the
   * blob is kept then
   */
  fetchBlob(reference: Reference, descriptor: Descriptor, options: FetchBlobOptions): Promise<boolean>

  /** The blobs and manifests of a repository as a source for `push`. Asks nobody before it is read. */
  content(reference: Reference, options?: CallOptions): Content

  /**
   * Pushes an image or index: blobs first, each only if the repository lacks it and no other can give it; then
   * manifests, what is named before what names; tags last. An abort leaves no tag changed.
   * @throws E_PUSH with the registry's own words, E_BLOB_MISSING for what `content` lacks
   */
  push(reference: Reference, options: PushOptions): Promise<PushedImage>

  /** `push` from another repository, streamed; blobs are mounted where both are of one registry. */
  copy(from: Reference, to: Reference, options?: CopyOptions): Promise<PushedImage>

  /** The tags of a repository, page by page, in the order of the server. */
  tags(reference: Reference, options?: CallOptions): AsyncIterable<string>

  /** What refers to the digest (signatures, SBOMs), by the referrers API or the tag that stands in for it. */
  referrers(
    reference: Reference,
    digest: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]>

  /**
   * Asks whether a registry takes this credential, for a login. `domain` as in references: `docker.io`. The endpoint
   * policy is asked for the bare domain; its last answer counts. Resolves to a refresh token where the registry gives one.
   * @throws E_REG_DENIED when it does not
   */
  login(
    domain: string,
    credential: Credential,
    options?: CallOptions,
  ): Promise<{ readonly identityToken?: string }>
}
