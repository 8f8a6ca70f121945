import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDigest } from '../digest.js'
import { CooperageError, hasErrno, isCooperageError } from '../errors.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import type { Descriptor } from '../image/types.js'
import { archiveError } from './archive-error.js'
import { copyIntoStore } from './copy-into-store.js'
import { inStore } from './image-graph.js'
import { type ImportedImages, type ImportOptions, importImages } from './import-images.js'
import type { NamedImage } from './named-image.js'
import { parseLayout } from './parse-layout.js'
import { blobName } from './write-archive.js'

/** A directory in the form of image-spec, image-layout.md, as its documents were when it was opened. */
export interface OciLayout {
  readonly path: string
  /** In the order of `index.json`. */
  readonly images: readonly NamedImage[]
  /**
   * The image of this tag, full name or digest; without one, the only image.
   * @throws E_ARCHIVE_REF, which lists what there is.
   */
  resolve(reference?: string): NamedImage
  /**
   * Brings images into the store: all, or the one given. Every blob is checked for size and digest, every layer for
   * its diffID. Idempotent.
   * @throws E_ARCHIVE_MISSING, E_ARCHIVE_DIGEST, E_ARCHIVE_ENTRY (a link or no file), E_SIZE_MISMATCH, E_DIFFID.
   */
  import(options: ImportOptions, image?: NamedImage): Promise<ImportedImages>
  /**
   * Brings one blob into the store, checked for size and digest. Idempotent.
   * @throws E_ARCHIVE_MISSING, E_ARCHIVE_DIGEST, E_ARCHIVE_ENTRY, E_SIZE_MISMATCH
   */
  fetchBlob(descriptor: Descriptor, options: ImportOptions): Promise<void>
}

/** @throws E_ARCHIVE_LAYOUT when the directory is none of a layout, E_MANIFEST when its index is broken. */
export async function openOciLayout(path: string): Promise<OciLayout> {
  const images = parseLayout({
    marker: await readLayoutFile(join(path, 'oci-layout')),
    index: await readLayoutFile(join(path, 'index.json')),
    path,
  })
  return {
    path,
    images,
    resolve: (reference) => resolveImage(path, images, reference),
    import: (options, image) =>
      importImages(image ? [image] : images, {
        ...options,
        obtain: (descriptor) => copyBlob(path, descriptor, options),
      }),
    fetchBlob: async (descriptor, options) => {
      if (await copyBlob(path, descriptor, options)) return
      const { digest } = descriptor
      throw archiveError('E_ARCHIVE_MISSING', `${digest} is named but is not there`, { digest })
    },
  }
}

function resolveImage(
  path: string,
  images: readonly NamedImage[],
  reference: string | undefined,
): NamedImage {
  const [only] = images
  if (reference === undefined && only && images.length === 1) return only
  const found = images.find(
    (image) =>
      reference !== undefined && (image.descriptor.digest === reference || matches(image, reference)),
  )
  if (found) return found
  const available = images.flatMap((image) =>
    image.names.length > 0 ? image.names : [image.descriptor.digest],
  )
  const problem =
    reference === undefined ? `${images.length} images` : `no image ${JSON.stringify(reference)}`
  throw archiveError(
    'E_ARCHIVE_REF',
    `${path} has ${problem}; there is ${available.join(', ') || 'nothing'}`,
    {
      reference,
      available,
    },
  )
}

/** A full name also answers to its tag. */
function matches(image: NamedImage, reference: string): boolean {
  return image.names.some(
    (name) => name === reference || (name.includes('/') && name.endsWith(`:${reference}`)),
  )
}

async function copyBlob(path: string, descriptor: Descriptor, options: ImportOptions): Promise<boolean> {
  if (await inStore(options.store, descriptor)) return true
  const digest = parseDigest(descriptor.digest)
  const name = blobName(digest)
  await refuseLinks(path, name)
  const file = await openRegular(join(path, name))
  if (!file) return false
  await using _ = file
  const expect = { digest, size: descriptor.size }
  try {
    const chunks = file.createReadStream({ highWaterMark: 1 << 20, autoClose: false })
    await copyIntoStore(options.store, chunks, { expect, ...(options.signal && { signal: options.signal }) })
    return true
  } catch (cause) {
    if (!isCooperageError(cause) || cause.code !== 'E_DIGEST_MISMATCH') throw cause
    throw archiveError('E_ARCHIVE_DIGEST', `the content of ${name} is not what its name says`, {
      ...cause.data,
      name,
      cause,
    })
  }
}

/** `blobs` and `blobs/sha256` must be directories themselves: links could lead anywhere on this machine. */
async function refuseLinks(path: string, name: string): Promise<void> {
  const [first = '', second = ''] = name.split('/')
  for (const folder of [join(path, first), join(path, first, second)]) {
    try {
      if ((await lstat(folder)).isSymbolicLink()) {
        throw archiveError('E_ARCHIVE_ENTRY', `${folder} is a symbolic link`, { path: folder })
      }
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error
    }
  }
}

/** A document of a layout, or undefined when it is not there. @internal */
export async function readLayoutFile(path: string): Promise<Uint8Array | undefined> {
  const file = await openRegular(path)
  if (!file) return undefined
  await using _ = file
  const { size } = await file.stat()
  if (size > JSON_LIMIT) {
    throw new CooperageError('E_LIMIT', `${path} has ${size} bytes, more than ${JSON_LIMIT}`, {
      data: { limit: JSON_LIMIT, found: size },
    })
  }
  return await file.readFile()
}

/** Undefined when there is nothing. Never waits on a pipe, never follows a link. */
async function openRegular(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return undefined
    if (!hasErrno(cause, 'ELOOP')) throw cause
    throw archiveError('E_ARCHIVE_ENTRY', `${path} is a symbolic link`, { path, cause })
  }
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw archiveError('E_ARCHIVE_ENTRY', `${path} is not a regular file`, { path })
}
