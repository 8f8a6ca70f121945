import { shownUrl } from '@cooperage/store'
import { redirectTarget, type TransportResponse, urlAuthorization, withoutUser } from '@cooperage/store/http'
import { httpError } from './http-error.js'
import { type RequestOptions, sendRequest } from './send-request.js'

export interface FollowOptions extends RequestOptions {
  /** Value of the header, in place of user and password of the URL. */
  readonly authorization?: string | undefined
}

/**
 * As `sendRequest`, redirects followed. What authorizes goes to the origin of the URL (scheme, host and port) and to
 * no other; user and password that a server writes into a redirect are not used. What came by https never goes on by
 * http. @throws E_HTTP_REDIRECT with the chain, and what `sendRequest` throws
 */
export async function followRedirects(first: URL, options: FollowOptions): Promise<TransportResponse> {
  const { authorization = urlAuthorization(first), ...request } = options
  const chain: string[] = []
  let url = withoutUser(first)
  while (true) {
    const own = authorization !== undefined && url.origin === first.origin ? { authorization } : {}
    const response = await sendRequest(url, { ...request, headers: { ...request.headers, ...own } })
    const next = redirectTarget(url, response, chain.length)
    chain.push(shownUrl(url))
    if (next.kind === 'none') return response
    response.discard()
    if (next.kind === 'refuse') {
      const { problem, target } = next
      throw httpError('E_HTTP_REDIRECT', { url: first, problem }, { data: { chain, target } })
    }
    url = next.url
  }
}
