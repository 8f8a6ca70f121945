import type { Writable } from 'node:stream'
import type { BlobStore } from '../blobs/blob-store.js'
import type { Digest } from '../digest.js'
import { digestAlgorithm, digestHex } from '../digest.js'
import { type ByteSink, streamSink } from './byte-sink.js'
import { readImageGraph } from './image-graph.js'
import type { NamedImage } from './named-image.js'
import { writeOutputFile } from './write-output-file.js'

export interface WriteArchiveOptions {
  readonly store: BlobStore
  /** A path, replaced when all is written, or a stream, which is not ended. */
  readonly destination: string | Writable
  /** RFC 3339, for the annotation of the images in `index.json`. */
  readonly created?: string
  readonly signal?: AbortSignal
}

/** Content of the file `oci-layout` (image-spec, image-layout.md); the version is the only one there is. */
export const OCI_LAYOUT = '{"imageLayoutVersion":"1.0.0"}'
/** Of that file in archives, as containerd and BuildKit write them. */
export const LAYOUT_MODE = 0o444

/** Runs `write` over a sink to a file or a stream. @internal */
export async function toDestination(
  destination: string | Writable,
  write: (sink: ByteSink) => Promise<void>,
): Promise<void> {
  if (typeof destination === 'string') return writeOutputFile(destination, write)
  // A stream tells an error to the write and as an event; the event without a listener would end the process.
  const ignore = () => undefined
  destination.on('error', ignore)
  await write(streamSink(destination))
  destination.off('error', ignore)
}

/** Every blob of these images with its size, in the order of their names. @internal */
export async function sortedBlobs(
  images: readonly NamedImage[],
  options: WriteArchiveOptions,
): Promise<[digest: Digest, size: number][]> {
  const blobs = new Map<Digest, number>()
  for (const { descriptor } of images) {
    const graph = await readImageGraph(descriptor, options)
    for (const [digest, size] of graph.blobs) blobs.set(digest, size)
  }
  return [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** `blobs/sha256/<hex>`. @internal */
export function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}
