import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { hasErrno } from '../errors.js'
import { archiveError } from './archive-error.js'
import { dockerTags, readDockerEntries } from './docker-manifest.js'
import { type ImportedImages, type ImportOptions, importImages } from './import-images.js'
import type { NamedImage } from './named-image.js'
import { openOciLayout } from './oci-layout.js'
import { parseLayout } from './parse-layout.js'
import { type SpooledArchive, spoolArchive } from './spool-archive.js'

/** A path, or the bytes of an archive (standard input). The outer tar may be compressed with gzip, zstd, xz or bzip2. */
export type ArchiveSource = string | AsyncIterable<Uint8Array>

/**
 * Brings the images of a docker archive, an OCI archive, or (by path) a directory with an OCI layout into the store.
 * Of an archive with documents of both kinds the OCI ones count, as for containerd; its names are completed by Docker's.
 * Blobs are checked against their names, layers against the diffIDs of the configs. Blobs that no image names may be
 * left in the store, for its collector.
 *
 * @throws E_ARCHIVE_NOT_FOUND, E_ARCHIVE_FORMAT (neither kind), E_ARCHIVE_LAYOUT, E_ARCHIVE_MANIFEST, E_ARCHIVE_PATH,
 * E_ARCHIVE_ENTRY, E_ARCHIVE_MISSING, E_ARCHIVE_DIGEST, E_ARCHIVE_AMBIGUOUS, E_ARCHIVE_TAG, E_DIFFID, E_TAR_…,
 * E_GZIP_…, E_MANIFEST, E_CONFIG, E_LIMIT.
 */
export async function readImageArchive(
  source: ArchiveSource,
  options: ImportOptions,
): Promise<ImportedImages> {
  if (typeof source === 'string' && (await statArchive(source)).isDirectory()) {
    return (await openOciLayout(source)).import(options)
  }
  const archive = await spool(source, options)
  if (archive.find('oci-layout') && archive.find('index.json')) return fromOci(archive, options)
  return fromDocker(archive, options)
}

/** As {@link readImageArchive}, by `manifest.json` alone, as a Docker without the containerd store reads. */
export async function readDockerArchive(
  source: ArchiveSource,
  options: ImportOptions,
): Promise<ImportedImages> {
  return fromDocker(await spool(source, options), options)
}

/** As {@link readImageArchive}, by `oci-layout` and `index.json` alone. */
export async function readOciArchive(source: ArchiveSource, options: ImportOptions): Promise<ImportedImages> {
  return importImages(layoutOf(await spool(source, options)), options)
}

async function spool(source: ArchiveSource, options: ImportOptions): Promise<SpooledArchive> {
  if (typeof source !== 'string') return spoolArchive(source, options)
  await statArchive(source)
  return spoolArchive(createReadStream(source, { highWaterMark: 1 << 20 }), options)
}

async function statArchive(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path)
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT', 'ENOTDIR')) throw cause
    throw archiveError('E_ARCHIVE_NOT_FOUND', `there is no archive ${path}`, { path, cause })
  }
}

function layoutOf(archive: SpooledArchive): NamedImage[] {
  return parseLayout({ marker: archive.document('oci-layout'), index: archive.document('index.json') })
}

async function fromOci(archive: SpooledArchive, options: ImportOptions): Promise<ImportedImages> {
  const imported = await importImages(layoutOf(archive), options)
  if (!archive.find('manifest.json')) return imported
  const tags = dockerTags(archive)
  const images: NamedImage[] = []
  for (const image of imported.images) {
    const full = image.names.some((name) => name.includes('/'))
    images.push(full ? image : { ...image, names: (await tags(image, options)) ?? image.names })
  }
  return { ...imported, images }
}

async function fromDocker(archive: SpooledArchive, options: ImportOptions): Promise<ImportedImages> {
  if (!archive.find('manifest.json')) {
    const what = archive.find('repositories') ? 'in the form of Docker 1.9 and before' : 'of no known kind'
    throw archiveError(
      'E_ARCHIVE_FORMAT',
      `the archive is ${what}: it has no manifest.json and no oci-layout`,
    )
  }
  return importImages(await readDockerEntries(archive, options), options)
}
