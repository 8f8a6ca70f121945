const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes in decimal units with three digits that count, as docker shows them: `7.05MB`. */
export function showBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))}${UNITS[unit]}`
}

/** A span for a column of times: `0.1s`, `12.3s`, `2m 05s`. */
export function showSeconds(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 60) return `${seconds.toFixed(1)}s`
  return `${Math.floor(seconds / 60)}m ${String(Math.floor(seconds % 60)).padStart(2, '0')}s`
}

const STEPS: readonly (readonly [limit: number, seconds: number, one: string, many: string])[] = [
  [60, 1, 'Less than a second', 'seconds'],
  [3600, 60, 'About a minute', 'minutes'],
  [48 * 3600, 3600, 'About an hour', 'hours'],
  [14 * 86_400, 86_400, '1 day', 'days'],
  [60 * 86_400, 7 * 86_400, '1 week', 'weeks'],
  [730 * 86_400, 30 * 86_400, '1 month', 'months'],
]

/** How long ago, in docker's words. A time that is missing or no time is `N/A`. */
export function showAge(created: string | undefined, now: number): string {
  const time = created === undefined ? Number.NaN : Date.parse(created)
  if (Number.isNaN(time)) return 'N/A'
  const seconds = Math.max(0, Math.floor((now - time) / 1000))
  for (const [limit, size, one, many] of STEPS) {
    if (seconds >= limit) continue
    const count = Math.floor(seconds / size)
    const few = size === 1 ? 0 : 1
    return count <= few ? `${one} ago` : `${count} ${many} ago`
  }
  return `${Math.floor(seconds / (365 * 86_400))} years ago`
}

/** The first twelve digits of a digest, without its algorithm. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
