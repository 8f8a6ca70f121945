import type { TransportResponse } from '../../http/transport.js'
import { mediaTypeOf } from './read-body.js'
import { registryError } from './registry-error.js'

/**
 * A page for people where a document, or nothing, was expected: a portal that wants a login, or a server that is no
 * registry. @throws E_REG_NOT_A_REGISTRY
 */
export function checkIsRegistry(
  response: TransportResponse,
  about: { readonly host: string; readonly asked: string },
): void {
  if (mediaTypeOf(response) !== 'text/html') return
  throw registryError(
    'E_REG_NOT_A_REGISTRY',
    { host: about.host, problem: `${about.asked}: the answer is a web page` },
    { hint: 'check the address, and whether this network wants a login in a browser' },
  )
}
