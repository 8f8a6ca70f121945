import type { TarEntry } from '@cooperage/store'

/** The time of the newest file of an archive, in whole seconds since 1970; undefined when it holds none. */
export function newestFile(entries: Iterable<TarEntry>): number | undefined {
  let newest: number | undefined
  for (const { type, mtime } of entries) {
    // As Go's archive/tar sees it, a hard link is a regular file.
    if (type !== 'file' && type !== 'hardlink') continue
    newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, Math.floor(mtime))
  }
  return newest
}
