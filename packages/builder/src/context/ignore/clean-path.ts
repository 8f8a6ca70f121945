import type { ByteString } from '@cooperage/store'

/** Go's `path.Clean`: no doubled or trailing `/`, no `.`, `..` resolved as far as the text allows; empty becomes `.`. */
export function cleanPath(path: ByteString): ByteString {
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  const joined = kept.join('/')
  return rooted ? `/${joined}` : joined || '.'
}
