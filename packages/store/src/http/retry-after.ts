/** Seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3). `now` in milliseconds since 1970. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d+$/.test(text)) return Number(text.slice(0, 12))
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
