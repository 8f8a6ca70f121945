import { parseUrl } from '../http/parse-url.js'
import { shownUrl } from '../http/shown-url.js'
import { escapeText } from './transport/escape-text.js'
import { registryError } from './transport/registry-error.js'
import type { Answer, Server } from './transport/server.js'

/**
 * The URL of the next page of a list (RFC 8288, `rel="next"`).
 * @throws E_REG_PROTOCOL when it is another list at another server: half a list would pass for the whole
 */
export function nextPage({ response, url }: Answer, server: Server, asked: string): URL | undefined {
  for (const [, target = '', parameters = ''] of (response.headers.link ?? '').matchAll(
    /<([^<>]*)>([^<]*)/g,
  )) {
    if (!/;\s*rel="?next"?(?=[\s;,]|$)/i.test(parameters)) continue
    const next = parseUrl(target, url)
    if (next === undefined) continue
    if (next.origin === server.origin) return next
    // A registry behind a proxy may give its inner name; what is meant is the same list.
    if (next.pathname === url.pathname) return new URL(next.search, url)
    const problem = `${asked}: the next page is said to be at another server, ${escapeText(shownUrl(next), 300)}`
    throw registryError('E_REG_PROTOCOL', { host: server.host, problem })
  }
  return undefined
}
