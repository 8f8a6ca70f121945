import type { ByteString } from '../bytes.js'

/**
 * The names of a path, cleaned as `filepath.Clean("/" + path)` would: empty and `.` parts dropped, `..` takes
 * back the name before it and stops at the root.
 */
export function splitPath(path: ByteString): ByteString[] {
  const names: ByteString[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') names.pop()
    else names.push(part)
  }
  return names
}

/** Names to an absolute path. */
export function joinNames(names: readonly ByteString[]): ByteString {
  return `/${names.join('/')}`
}
