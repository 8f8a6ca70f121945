import type { Answer, Server } from './transport/server.js'

/** The URL of the next page of a list (RFC 8288, `rel="next"`), if it is at the same server. */
export function nextPage({ response, url }: Answer, server: Server): URL | undefined {
  for (const [, target = '', parameters = ''] of (response.headers.link ?? '').matchAll(
    /<([^<>]*)>([^<]*)/g,
  )) {
    if (!/;\s*rel="?next"?(?=[\s;,]|$)/i.test(parameters) || !URL.canParse(target, url.href)) continue
    const next = new URL(target, url)
    // A registry behind a proxy may give its inner name; what is meant is the same list.
    if (next.pathname !== url.pathname && next.origin !== server.origin) return undefined
    return next.origin === server.origin ? next : new URL(next.search, url)
  }
  return undefined
}
