import { ArchiveWriter } from './archive-writer.js'
import { layoutIndex, type NamedImage, nameDescriptors } from './named-image.js'
import {
  blobName,
  LAYOUT_MODE,
  OCI_LAYOUT,
  sortedBlobs,
  toDestination,
  type WriteArchiveOptions,
} from './write-archive.js'

/**
 * Writes images as a tar of an OCI layout, in the form BuildKit gives it: entries sorted by name, directories
 * included, blobs read-only, time 0. The blobs must be in the store; an index whose platforms are not all there is
 * written without the absent ones.
 *
 * @throws E_BLOB_MISSING, E_REF, E_OUTPUT_DIRECTORY, E_NO_SPACE. No partial file is left.
 */
export async function writeOciArchive(
  images: readonly NamedImage[],
  options: WriteArchiveOptions,
): Promise<void> {
  const index = layoutIndex(nameDescriptors(images, options.created))
  const blobs = await sortedBlobs(images, options)
  await toDestination(options.destination, async (sink) => {
    await using archive = new ArchiveWriter(sink)
    await archive.directory('blobs/')
    let folder = ''
    for (const [digest, size] of blobs) {
      const name = blobName(digest)
      const parent = name.slice(0, name.lastIndexOf('/') + 1)
      if (parent !== folder) await archive.directory(parent)
      folder = parent
      await archive.blob(name, digest, { ...options, size })
    }
    await archive.file('index.json', index)
    await archive.file('oci-layout', Buffer.from(OCI_LAYOUT), LAYOUT_MODE)
    await archive.finish()
  })
}
