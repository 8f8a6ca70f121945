/** `NAME=value` entries as a map; the last of a name wins, and one without `=` has the empty value. */
export function envMap(entries: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (const entry of entries) {
    const equals = entry.indexOf('=')
    map.set(equals < 0 ? entry : entry.slice(0, equals), equals < 0 ? '' : entry.slice(equals + 1))
  }
  return map
}
