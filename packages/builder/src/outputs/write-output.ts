import { join } from 'node:path'
import {
  type Descriptor,
  dockerManifest,
  type NamedImage,
  type WriteArchiveOptions,
  writeDockerArchive,
  writeOciArchive,
  writeOciLayout,
  writeOutputFile,
} from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { BuiltImage } from '../image/assemble-image.js'
import { describeImage } from './describe-image.js'
import { writeFilesTar } from './files-tar.js'
import { fullName } from './full-name.js'
import type { ArchiveOutput, OutputSpec } from './output-spec.js'
import { writeLocal } from './write-local.js'

export interface OutputContext {
  readonly environment: StepEnvironment
  readonly image: BuiltImage
  readonly fileSystem: FileSystem
  /** The build's tags, as written. */
  readonly tags: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

/** What an output wrote; archives say which manifest. */
export interface OutputResult {
  readonly kind: OutputSpec['kind']
  readonly destination: string
  readonly descriptor?: Descriptor
}

/** Writes one output. Nothing half-written stays visible: files appear under their names when they are whole. */
export async function writeOutput(spec: OutputSpec, context: OutputContext): Promise<OutputResult> {
  switch (spec.kind) {
    case 'docker':
    case 'oci':
      return writeArchive(spec, context)
    case 'tar':
      await writeFilesTar(await context.fileSystem.tree(), { ...context, destination: spec.destination })
      return spec
    case 'local':
      await writeLocal(await context.fileSystem.tree(), { ...context, destination: spec.destination })
      return spec
  }
}

async function writeArchive(spec: ArchiveOutput, context: OutputContext): Promise<OutputResult> {
  const { environment, image } = context
  const { epoch, now, store, signal } = environment
  const descriptor = await describeImage(image, {
    store,
    signal,
    compression: spec.compression ?? (spec.kind === 'oci' ? 'gzip' : 'uncompressed'),
    ...(spec.compressionLevel !== undefined && { compressionLevel: spec.compressionLevel }),
    // Some readers of Docker's archives judge all layers by the first: without a word about it none is compressed.
    forceCompression: spec.forceCompression || (spec.kind === 'docker' && spec.compression === undefined),
    ociMediaTypes: spec.ociMediaTypes,
    annotations: { ...context.annotations, ...spec.annotations },
    ...(spec.rewriteTimestamp && epoch !== undefined && { rewrittenTimestamp: epoch }),
  })
  const images: NamedImage[] = [{ descriptor, names: (spec.names ?? context.tags).map(fullName) }]
  const written = {
    store: store.blobs,
    created: new Date((epoch ?? now) * 1000).toISOString().replace('.000Z', 'Z'),
    signal,
  }
  const destination = spec.destination === '-' ? process.stdout : spec.destination
  if (!spec.tar) await writeLayout(spec, images, written)
  else if (spec.kind === 'docker') await writeDockerArchive(images, { ...written, destination })
  else await writeOciArchive(images, { ...written, destination })
  return { kind: spec.kind, destination: spec.destination, descriptor }
}

/** Of a docker layout too it is `manifest.json` that `docker load` reads, once it is in a tar. */
async function writeLayout(
  spec: ArchiveOutput,
  images: readonly NamedImage[],
  options: Omit<WriteArchiveOptions, 'destination'>,
): Promise<void> {
  const directory = spec.destination
  await writeOciLayout(images, { ...options, directory })
  if (spec.kind !== 'docker') return
  const manifest = await dockerManifest(images, options)
  await writeOutputFile(join(directory, 'manifest.json'), (sink) => sink.write(manifest))
}
