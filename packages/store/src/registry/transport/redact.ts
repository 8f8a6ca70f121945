/** Text of a server, as it may be shown. */
export type Redact = (text: string) => string

/** Fewer characters stand in a text by chance, and say little. */
const SHORTEST = 4

/**
 * Replaces what a request was authorized with: some servers repeat it in what they answer, and errors go to logs. It
 * is found as the header's value, as what was encoded in it, and as either is written in URLs, forms and JSON.
 */
export function redactAuthorization(header: string | undefined): Redact {
  if (header === undefined || header === '') return (text) => text
  const found = [...new Set(secretsOf(header).flatMap(spellings))].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(found.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
  return (text) => text.replace(pattern, '***')
}

function secretsOf(header: string): string[] {
  const space = header.indexOf(' ')
  const credentials = header.slice(space + 1)
  const parts = [credentials, credentials.replace(/=+$/, '')]
  if (/^basic /i.test(header)) {
    const pair = Buffer.from(credentials, 'base64').toString('utf8')
    parts.push(pair, pair.slice(pair.indexOf(':') + 1))
  }
  return [header, ...parts.filter((part) => part.length >= SHORTEST)]
}

function spellings(secret: string): string[] {
  const escaped = encodeURIComponent(secret)
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  const lower = [escaped, form].map((text) => text.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))
  return [secret, escaped, form, ...lower, JSON.stringify(secret).slice(1, -1)]
}
