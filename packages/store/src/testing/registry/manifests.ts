import { isDigest } from '../../digest.js'
import { MediaType } from '../../image/types.js'
import { digestLike } from '../../registry/digest-of-bytes.js'
import { errorAnswer, jsonAnswer } from './answers.js'
import type { RegistryAnswer } from './fault.js'
import type { RegistryStorage } from './storage.js'

export interface ManifestRequest {
  readonly method: string
  readonly repository: string
  readonly reference: string
  readonly mediaType: string
  readonly accept: string
  readonly body: Buffer
}

export interface ManifestSettings {
  readonly storage: RegistryStorage
  /** Keeps track of what refers to what. */
  readonly referrers: boolean
}

/** distribution-spec, "Pulling manifests" and "Pushing manifests". */
export function answerManifest(request: ManifestRequest, settings: ManifestSettings): RegistryAnswer {
  const { storage } = settings
  const { method, repository, reference } = request
  if (method === 'PUT') return put(request, settings)
  const found = storage.manifest(repository, reference)
  if (found === undefined) return errorAnswer(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
  // As docker-registry does: what is not named is not there.
  if (!request.accept.includes(found.mediaType) && found.mediaType.startsWith('application/vnd.oci')) {
    return errorAnswer(404, 'MANIFEST_UNKNOWN', `accept header does not support ${found.mediaType}`)
  }
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: found.bytes,
  }
}

function put(request: ManifestRequest, { storage, referrers }: ManifestSettings): RegistryAnswer {
  const { repository, reference, body, mediaType } = request
  if (isDigest(reference) && digestLike(reference, body) !== reference) {
    return errorAnswer(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  const document = JSON.parse(body.toString()) as Document
  for (const { digest, mediaType: type } of [document.config, ...(document.layers ?? [])].filter(isPresent)) {
    if (storage.blob(repository, digest) === undefined && !/nondistributable|foreign/.test(type)) {
      return errorAnswer(400, 'MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${digest}`)
    }
  }
  for (const { digest } of document.manifests ?? []) {
    if (storage.manifest(repository, digest) === undefined) {
      return errorAnswer(400, 'MANIFEST_UNKNOWN', `manifest unknown: ${digest}`)
    }
  }
  const tag = isDigest(reference) ? undefined : reference
  const digest = storage.addManifest(repository, { bytes: body, mediaType }, tag)
  const subject = referrers ? document.subject?.digest : undefined
  return {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subject !== undefined && { 'oci-subject': subject }),
    },
  }
}

/** distribution-spec, "Listing Referrers". */
export function answerReferrers(
  repository: string,
  digest: string,
  { storage, referrers }: ManifestSettings,
): RegistryAnswer {
  if (!referrers)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' }
  const manifests = [...storage.repository(repository).manifests].flatMap(([own, { bytes, mediaType }]) => {
    const document = JSON.parse(bytes.toString()) as Document
    if (document.subject?.digest !== digest) return []
    const artifactType = document.artifactType ?? document.config?.mediaType
    return [{ mediaType, digest: own, size: bytes.length, ...(artifactType && { artifactType }) }]
  })
  return jsonAnswer(
    { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests },
    { 'content-type': MediaType.ociIndex },
  )
}

interface Named {
  readonly digest: string
  readonly mediaType: string
}

interface Document {
  readonly config?: Named
  readonly layers?: readonly Named[]
  readonly manifests?: readonly Named[]
  readonly subject?: Named
  readonly artifactType?: string
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}
