import { parseUrl } from './parse-url.js'

/** A URL for a message or a record: without user, password and query, any of which may be a secret. */
export function shownUrl(url: string | URL): string {
  const text = String(url)
  const shown = parseUrl(text)
  if (shown === undefined) return text.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1***@').replace(/[?#].*$/s, '')
  shown.username = ''
  shown.password = ''
  shown.search = ''
  shown.hash = ''
  return shown.href
}
