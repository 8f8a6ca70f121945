import { isDigest } from '../../digest.js'
import { digestLike } from '../../registry/digest-of-bytes.js'
import { errorAnswer } from './answers.js'
import type { RegistryAnswer } from './fault.js'
import type { RegistryStorage } from './storage.js'

export interface UploadRequest {
  readonly method: string
  readonly repository: string
  /** Empty for a new one. */
  readonly id: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface UploadSettings {
  readonly storage: RegistryStorage
  /** Announced as OCI-Chunk-Min-Length. */
  readonly minimum: number
}

/** distribution-spec, "Pushing blobs": sessions, pieces, mounts. */
export function answerUpload(request: UploadRequest, settings: UploadSettings): RegistryAnswer {
  const { storage } = settings
  if (request.id === '') return begin(request, settings)
  const upload = storage.uploads.get(request.id)
  if (upload === undefined || upload.repository !== request.repository) {
    return errorAnswer(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
  }
  const progress = () => state(request, upload.size, 204)
  switch (request.method) {
    case 'GET':
      return progress()
    case 'DELETE':
      storage.uploads.delete(request.id)
      return { status: 204 }
    case 'PATCH': {
      const refusal = append(request, storage)
      return refusal ?? state(request, upload.size, 202)
    }
    case 'PUT':
      return append(request, storage) ?? finish(request, storage)
    default:
      return errorAnswer(405, 'UNSUPPORTED', 'not here')
  }
}

function begin(request: UploadRequest, { storage, minimum }: UploadSettings): RegistryAnswer {
  const { method, repository, query, body } = request
  if (method !== 'POST') return errorAnswer(405, 'UNSUPPORTED', 'not here')
  const mount = query.get('mount')
  const from = query.get('from')
  if (mount !== null && from !== null && storage.blob(from, mount) !== undefined) {
    storage.repository(repository).blobs.add(mount)
    return { status: 201, headers: created(repository, mount) }
  }
  const id = storage.beginUpload(repository)
  if (query.has('digest')) {
    storage.uploads.set(id, { repository, chunks: [body], size: body.length })
    return finish({ ...request, id }, storage)
  }
  const announced = minimum > 0 ? { 'oci-chunk-min-length': String(minimum) } : {}
  const answer = state({ ...request, id }, 0, 202)
  return { ...answer, headers: { ...answer.headers, ...announced } }
}

/** Undefined when the piece fits. */
function append(request: UploadRequest, storage: RegistryStorage): RegistryAnswer | undefined {
  const upload = storage.uploads.get(request.id)!
  const range = /^(\d+)-(\d+)$/.exec(String(request.headers['content-range'] ?? ''))
  if (range !== null && Number(range[1]) !== upload.size) return state(request, upload.size, 416)
  upload.chunks.push(request.body)
  upload.size += request.body.length
  return undefined
}

function finish({ id, repository, query }: UploadRequest, storage: RegistryStorage): RegistryAnswer {
  const digest = query.get('digest')
  const bytes = Buffer.concat(storage.uploads.get(id)!.chunks)
  if (!isDigest(digest) || digestLike(digest, bytes) !== digest) {
    storage.uploads.delete(id)
    return errorAnswer(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  storage.uploads.delete(id)
  storage.addBlob(repository, bytes, digest)
  return { status: 201, headers: created(repository, digest) }
}

function created(repository: string, digest: string): Record<string, string> {
  return { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest }
}

function state({ repository, id }: UploadRequest, size: number, status: number): RegistryAnswer {
  return {
    status,
    headers: {
      location: `/v2/${repository}/blobs/uploads/${id}?_state=x%2Fy`,
      range: `0-${Math.max(0, size - 1)}`,
    },
  }
}
