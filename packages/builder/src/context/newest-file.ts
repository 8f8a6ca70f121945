import { decompressed, isCooperageError, readTar, type TarEntry } from '@cooperage/store'

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

/** The same of an archive that is read, plain or compressed. Of what is no archive nobody knows a time. */
export async function newestInArchive(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number | undefined> {
  let newest: number | undefined
  try {
    for await (const { entry } of readTar(decompressed(content, { signal }), { signal })) {
      newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, newestFile([entry]) ?? Number.NEGATIVE_INFINITY)
    }
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'user') throw error
    return undefined
  }
  return newest === Number.NEGATIVE_INFINITY ? undefined : newest
}
