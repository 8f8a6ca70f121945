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
import type { StepEnvironment } from '../execute/step-environment.js'
import type { Annotations } from './annotations.js'
import type { ImageForm } from './describe-image.js'
import { type BuildOutcome, type DescribedResult, describeResult } from './describe-result.js'
import { writeFilesTar } from './files-tar.js'
import { fullName } from './full-name.js'
import type { ArchiveOutput, FilesOutput, OutputSpec } from './output-spec.js'
import { resultTree } from './result-tree.js'
import { writeLocal } from './write-local.js'

const CREATED = 'org.opencontainers.image.created'

export interface OutputContext extends BuildOutcome {
  readonly environment: StepEnvironment
  /** The build's tags, as written. */
  readonly tags: readonly string[]
  readonly annotations: Annotations
}

/** What an output wrote; archives say which manifest, or index. */
export interface OutputResult {
  readonly kind: OutputSpec['kind']
  readonly destination: string
  readonly descriptor?: Descriptor
  /** Of archives: one for each image. */
  readonly manifests?: readonly Descriptor[]
}

/** Writes one output. Nothing half-written stays visible: files appear under their names when they are whole. */
export async function writeOutput(spec: OutputSpec, context: OutputContext): Promise<OutputResult> {
  switch (spec.kind) {
    case 'docker':
    case 'oci':
      return writeArchive(spec, context)
    case 'tar':
    case 'local':
      await writeFiles(spec, context)
      return { kind: spec.kind, destination: spec.destination }
    case 'cacheonly':
      return spec
  }
}

async function writeFiles(spec: FilesOutput, context: OutputContext): Promise<void> {
  const { environment } = context
  const { platformSplit, destination } = spec
  const tree = await resultTree(context, {
    epoch: environment.epoch,
    ...(platformSplit !== undefined && { platformSplit }),
  })
  if (spec.kind === 'tar') await writeFilesTar(tree, { environment, destination })
  else await writeLocal(tree, { environment, destination, deletes: spec.mode === 'delete' })
}

/** The form of an image in the store: layers as they are, nothing compressed. */
export const STORED_FORM: ImageForm = {
  compression: 'uncompressed',
  forceCompression: false,
  ociMediaTypes: true,
}

/** The result in a form, as documents in the store. @throws E_ANNOTATION */
export function describeOutcome(
  context: OutputContext,
  how: { readonly form: ImageForm; readonly annotations?: Annotations },
): Promise<DescribedResult> {
  const { store, signal } = context.environment
  const annotations = [context.annotations, ...(how.annotations === undefined ? [] : [how.annotations])]
  return describeResult(context, { store, signal, form: how.form, annotations })
}

function formOf(spec: ArchiveOutput, epoch: number | undefined): ImageForm {
  const { compressionLevel, preferNondistributable } = spec
  return {
    compression: spec.compression ?? (spec.kind === 'oci' ? 'gzip' : 'uncompressed'),
    ...(compressionLevel !== undefined && { compressionLevel }),
    // Some readers of Docker's archives judge all layers by the first: without a word about it none is compressed.
    forceCompression: spec.forceCompression || (spec.kind === 'docker' && spec.compression === undefined),
    ociMediaTypes: spec.ociMediaTypes,
    ...(preferNondistributable !== undefined && { preferNondistributable }),
    ...(spec.rewriteTimestamp && epoch !== undefined && { rewrittenTimestamp: epoch }),
  }
}

async function writeArchive(spec: ArchiveOutput, context: OutputContext): Promise<OutputResult> {
  const { epoch, now, store, signal } = context.environment
  const { descriptor, manifests } = await describeOutcome(context, {
    form: formOf(spec, epoch),
    annotations: spec.annotations,
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
  // As `index.json` has it.
  const annotations = { ...descriptor.annotations, [CREATED]: written.created }
  return {
    kind: spec.kind,
    destination: spec.destination,
    descriptor: { ...descriptor, annotations },
    manifests,
  }
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
