import type { ByteString } from '@cooperage/store'

/** Whether a name of a path holds `*`, `?` or `[` that no backslash escapes. */
export function hasWildcard(name: ByteString): boolean {
  for (let at = 0; at < name.length; at++) {
    const character = name[at]!
    if (character === '\\') at++
    else if (character === '*' || character === '?' || character === '[') return true
  }
  return false
}
