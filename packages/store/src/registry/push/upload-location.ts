import { parseUrl } from '../../http/parse-url.js'
import { withoutUser } from '../../http/redirect-target.js'
import { registryError } from '../transport/registry-error.js'
import type { Answer, Server } from '../transport/server.js'

/**
 * Where an upload goes on, as the last answer says: absolute, relative, with a query or at another host, which is then
 * told nothing of who asks. @throws E_PUSH when there is none, or one that is not protected as the registry is
 */
export function uploadLocation({ response, url }: Answer, server: Server): URL {
  const { location } = response.headers
  const next = location === undefined ? undefined : parseUrl(location, url)
  const isHttp = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:')
  if (next !== undefined && isHttp) return withoutUser(next)
  const problem =
    next === undefined
      ? 'accepts an upload and does not say where to'
      : `wants an upload to go to ${next.protocol}//${next.host}, where it would travel unprotected`
  throw registryError(
    'E_PUSH',
    { host: server.host, problem },
    { hint: 'a proxy before the registry may not tell it that clients come by https' },
  )
}

/** The same place with the digest that ends the upload: what stands in the query is kept as it is. */
export function finishLocation(location: URL, digest: string): URL {
  const joint = location.search === '' ? '?' : '&'
  return new URL(`${location.href.replace(/\?$/, '')}${joint}digest=${encodeURIComponent(digest)}`)
}
