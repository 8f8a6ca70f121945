import type { Call } from '../transport/call.js'
import { checkIsRegistry } from '../transport/check-is-registry.js'
import { escapeText } from '../transport/escape-text.js'
import { registryError } from '../transport/registry-error.js'
import type { Server } from '../transport/server.js'
import type { PushedDocument } from './push-list.js'
import { storedOther } from './stored-other.js'

export interface PutOptions {
  readonly server: Server
  /** A tag or the digest. */
  readonly reference: string
  readonly call: Call
}

/**
 * Puts a manifest under a tag or its digest; again is no harm. Resolves to whether the registry keeps track of what
 * refers to what by itself. @throws E_PUSH with the registry's words, E_DIGEST_MISMATCH when it stored something else
 */
export async function putManifest(document: PushedDocument, options: PutOptions): Promise<boolean> {
  const { server, reference, call } = options
  const { descriptor, bytes, mediaType } = document
  const { response } = await server.ask(
    {
      method: 'PUT',
      target: `manifests/${reference}`,
      headers: {
        'content-type': mediaType,
        'content-length': String(bytes.byteLength),
      },
      body: () => bytes,
      access: 'push',
      accept: [201, 200, 202, 204],
      asked: `manifest ${reference}`,
      otherwise: 'E_PUSH',
    },
    call,
  )
  response.discard()
  checkIsRegistry(response, { host: server.host, asked: `manifest ${reference}` })
  const stored = storedOther(response, descriptor.digest)
  if (stored !== undefined) {
    const found = escapeText(stored, 150)
    throw registryError(
      'E_DIGEST_MISMATCH',
      { host: server.host, problem: `stored ${found} in the place of ${descriptor.digest}` },
      { data: { expected: descriptor.digest, found } },
    )
  }
  call.emit({ kind: 'manifest', direction: 'push', digest: descriptor.digest, host: server.host })
  return response.headers['oci-subject'] !== undefined
}
