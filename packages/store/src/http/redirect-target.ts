import { parseUrl } from './parse-url.js'

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAX_HOPS = 10

/** Where an answer leads on to: nowhere, another URL, or one that must not be followed. */
export type RedirectTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'follow'; readonly url: URL }
  | { readonly kind: 'refuse'; readonly problem: string; readonly target: string }

/**
 * Reads a redirect. What came by https never goes on by http, at most 10 are followed, and user, password and fragment
 * that a server writes into a redirect are not used. Whom credentials are sent to is the caller's affair.
 */
export function redirectTarget(
  from: URL,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  hops: number,
): RedirectTarget {
  const { location } = answer.headers
  if (!REDIRECTS.has(answer.status) || location === undefined) return { kind: 'none' }
  const url = parseUrl(location, from)
  const problem = refusal(from, url, hops)
  if (problem !== undefined) {
    return { kind: 'refuse', problem, target: url === undefined ? '' : `${url.protocol}//${url.host}` }
  }
  return { kind: 'follow', url: withoutUser(url!) }
}

function refusal(from: URL, next: URL | undefined, hops: number): string | undefined {
  if (next === undefined) return 'redirects to something that is no URL'
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    return `redirects to ${next.protocol}, which is refused`
  if (from.protocol === 'https:' && next.protocol === 'http:')
    return 'redirects from https to http, which is refused'
  return hops >= MAX_HOPS ? `redirects more than ${MAX_HOPS} times` : undefined
}

/** The same URL without user, password and fragment. */
export function withoutUser(url: URL): URL {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.hash = ''
  return clean
}
