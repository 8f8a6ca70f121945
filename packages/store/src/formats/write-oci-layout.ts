import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Digest } from '../digest.js'
import { hasErrno } from '../errors.js'
import { parseIndex } from '../image/parse-index.js'
import type { Descriptor } from '../image/types.js'
import { makeDirectoryPath } from '../make-directory-path.js'
import { archiveError } from './archive-error.js'
import { layoutIndex, type NamedImage, nameDescriptors, REF_NAME } from './named-image.js'
import { readLayoutFile } from './oci-layout.js'
import { blobName, OCI_LAYOUT, sortedBlobs, type WriteArchiveOptions } from './write-archive.js'
import { writeOutputFile } from './write-output-file.js'

/**
 * Adds images to a directory with an OCI layout, or makes one. An entry of `index.json` with the same tag is
 * replaced; the index is renamed into place when all blobs are there, so that a reader never sees an image without
 * its blobs, and an abort leaves the old images as they were (and perhaps blobs that none names).
 * For one writer at a time.
 *
 * @throws E_ARCHIVE_LAYOUT when the directory has other things in it; E_BLOB_MISSING, E_REF, E_NO_SPACE.
 */
export async function writeOciLayout(
  images: readonly NamedImage[],
  options: Omit<WriteArchiveOptions, 'destination'> & { readonly directory: string },
): Promise<void> {
  const { directory } = options
  const added = nameDescriptors(images, options.created)
  const blobs = await sortedBlobs(images, { ...options, destination: directory })
  const before = await existingEntries(directory)
  for (const [digest, size] of blobs)
    await writeBlob(join(directory, blobName(digest)), digest, { ...options, size })
  const tags = new Set(added.map(refName))
  const kept = before.filter((entry) => {
    const tag = refName(entry)
    return tag === undefined ? !added.some((other) => other.digest === entry.digest) : !tags.has(tag)
  })
  await writeOutputFile(join(directory, 'oci-layout'), (sink) => sink.write(Buffer.from(OCI_LAYOUT)))
  await writeOutputFile(join(directory, 'index.json'), (sink) => sink.write(layoutIndex([...kept, ...added])))
}

function refName(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME]
}

async function existingEntries(directory: string): Promise<readonly Descriptor[]> {
  await makeDirectoryPath(join(directory, 'blobs'))
  const index = await readLayoutFile(join(directory, 'index.json'))
  if (index) return parseIndex(index).manifests
  const others = (await readdir(directory, { encoding: 'latin1' })).filter(
    (name) => name !== 'blobs' && name !== 'oci-layout',
  )
  if (others.length === 0) return []
  throw archiveError('E_ARCHIVE_LAYOUT', `${directory} is not empty, and no OCI layout`, { path: directory })
}

/** A blob under its name is whole, since it is renamed there: one of the right size is left alone. */
async function writeBlob(
  path: string,
  digest: Digest,
  options: Omit<WriteArchiveOptions, 'destination'> & { readonly size: number },
): Promise<void> {
  if ((await sizeOf(path)) === options.size) return
  await makeDirectoryPath(dirname(path))
  const read = { size: options.size, ...(options.signal && { signal: options.signal }) }
  await writeOutputFile(path, async (sink) => {
    for await (const chunk of options.store.read(digest, read)) await sink.write(chunk)
  })
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
