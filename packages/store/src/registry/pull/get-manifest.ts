import { type Digest, digestOf, isDigest } from '../../digest.js'
import type { CooperageError } from '../../errors.js'
import { isIndexType, isManifestType } from '../../image/match-platform.js'
import { JSON_LIMIT } from '../../image/parse-json.js'
import type { RawManifest } from '../client.js'
import { digestLike } from '../digest-of-bytes.js'
import { ACCEPT_MANIFESTS } from '../manifest-types.js'
import { checkSchema1, readDocument } from '../read-document.js'
import { saidBy } from '../said-by.js'
import type { Call } from '../transport/call.js'
import { checkIsRegistry } from '../transport/check-is-registry.js'
import { mediaTypeOf } from '../transport/read-body.js'
import { registryError } from '../transport/registry-error.js'
import type { Server } from '../transport/server.js'

/** What a HEAD tells: all of it, or nothing that can be used. */
export interface ManifestHead {
  readonly digest: Digest
  /** Empty when it is not that of a manifest or an index: some servers say JSON of all. */
  readonly mediaType: string
  readonly size: number | undefined
}

export interface WantedManifest {
  /** A tag or a digest. */
  readonly reference: string
  /** For messages: `docker.io/library/a:1`. */
  readonly name: string
  /** In bytes, where a descriptor says so. */
  readonly size?: number
  /** As a descriptor says. */
  readonly mediaType?: string
}

/**
 * Answers to HEAD after which a GET knows more: no body tells why, or the method is not known, which some servers say
 * with 404.
 */
const ASK_AGAIN = [400, 403, 404, 405, 406, 415, 501]

/** Asks by HEAD; undefined where only a GET can tell. @throws E_SCHEMA1, E_REG_NOT_A_REGISTRY */
export async function headManifest(
  server: Server,
  wanted: WantedManifest,
  call: Call,
): Promise<ManifestHead | undefined> {
  const asked = `manifest ${wanted.name}`
  const { response } = await server.ask(
    {
      method: 'HEAD',
      target: `manifests/${wanted.reference}`,
      headers: { accept: ACCEPT_MANIFESTS },
      accept: [200, ...ASK_AGAIN],
      asked,
    },
    call,
  )
  response.discard()
  if (response.status !== 200) return undefined
  const mediaType = mediaTypeOf(response)
  checkIsRegistry(response, { host: server.host, asked })
  saidBy({ host: server.host, asked }, () => checkSchema1(mediaType))
  const digest = response.headers['docker-content-digest']
  const length = response.headers['content-length']
  if (!isDigest(digest)) return undefined
  // No manifest is empty: some servers count the body of the answer to HEAD.
  const size = length !== undefined && /^[1-9]\d{0,14}$/.test(length) ? Number(length) : undefined
  const isKnown = isIndexType(mediaType) || isManifestType(mediaType)
  return { digest, mediaType: isKnown ? mediaType : '', size }
}

/**
 * Fetches a manifest and checks it: by digest against the digest, by tag against what the server says its digest is.
 * @throws E_DIGEST_MISMATCH, E_SIZE_MISMATCH, E_LIMIT, and as `readDocument`
 */
export async function getManifest(server: Server, wanted: WantedManifest, call: Call): Promise<RawManifest> {
  const { reference, name, size } = wanted
  const asked = `manifest ${name}`
  if (size !== undefined && size > JSON_LIMIT) {
    throw registryError(
      'E_LIMIT',
      { host: server.host, problem: `${asked} is larger than ${JSON_LIMIT} bytes` },
      { data: { limit: JSON_LIMIT, found: size } },
    )
  }
  const { answer, bytes } = await server.read(
    { method: 'GET', target: `manifests/${reference}`, headers: { accept: ACCEPT_MANIFESTS }, asked },
    call,
    size === undefined ? { limit: JSON_LIMIT } : { limit: size, code: 'E_SIZE_MISMATCH' },
  )
  const { response } = answer
  const sent = mediaTypeOf(response)
  checkIsRegistry(response, { host: server.host, asked })
  if (size !== undefined && bytes.length !== size) {
    const problem = `${asked} has ${bytes.length} bytes, not ${size}`
    throw registryError(
      'E_SIZE_MISMATCH',
      { host: server.host, problem },
      { data: { expected: size, found: bytes.length } },
    )
  }
  const announced = response.headers['docker-content-digest']
  const expected = isDigest(reference) ? reference : isDigest(announced) ? announced : undefined
  const digest = expected === undefined ? digestOf(bytes) : digestLike(expected, bytes)
  if (expected !== undefined && digest !== expected)
    throw mismatch(server, asked, { expected, found: digest })
  const types = { sent, ...(wanted.mediaType !== undefined && { named: wanted.mediaType }) }
  const { mediaType, ...parsed } = saidBy({ host: server.host, asked }, () => readDocument(bytes, types))
  call.emit({ kind: 'manifest', direction: 'pull', digest, host: server.host })
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, ...parsed }
}

function mismatch(server: Server, asked: string, data: { expected: Digest; found: Digest }): CooperageError {
  return registryError(
    'E_DIGEST_MISMATCH',
    { host: server.host, problem: `${asked} is ${data.found}, not ${data.expected}` },
    { hint: 'the registry or something before it changed the content; nothing of it was kept', data },
  )
}
