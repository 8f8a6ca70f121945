import type { IncomingMessage } from 'node:http'
import { httpError } from './http-error.js'
import { basicAuthorization, type RequestOptions, sendRequest } from './send-request.js'
import { shownUrl } from './shown-url.js'

const MAX_HOPS = 10
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export interface FollowOptions extends RequestOptions {
  /** Value of the header, in place of user and password of the URL. */
  readonly authorization?: string | undefined
}

/**
 * As `sendRequest`, redirects followed. What authorizes goes to the origin of the URL (scheme, host and port) and to
 * no other; user and password that a server writes into a redirect are not used. What came by https never goes on by
 * http. @throws E_HTTP_REDIRECT with the chain, and what `sendRequest` throws
 */
export async function followRedirects(first: URL, options: FollowOptions): Promise<IncomingMessage> {
  const { authorization = basicAuthorization(first), ...request } = options
  const chain: string[] = []
  let url = withoutUser(first)
  while (true) {
    chain.push(shownUrl(url))
    const own = authorization !== undefined && url.origin === first.origin ? { authorization } : {}
    const response = await sendRequest(url, { ...request, headers: { ...request.headers, ...own } })
    const { location } = response.headers
    if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return response
    response.destroy()
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
    const problem = refusal(url, next, chain.length)
    if (problem !== undefined) {
      const target = next === undefined ? '' : `${next.protocol}//${next.host}`
      throw httpError('E_HTTP_REDIRECT', { url: first, problem }, { data: { chain, target } })
    }
    url = withoutUser(next!)
  }
}

function refusal(from: URL, next: URL | undefined, hops: number): string | undefined {
  if (next === undefined) return 'redirects to something that is no URL'
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    return `redirects to ${next.protocol}, which is refused`
  if (from.protocol === 'https:' && next.protocol === 'http:')
    return 'redirects from https to http, which is refused'
  return hops > MAX_HOPS ? `redirects more than ${MAX_HOPS} times` : undefined
}

function withoutUser(url: URL): URL {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.hash = ''
  return clean
}
