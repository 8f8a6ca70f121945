import { join } from 'node:path'
import {
  type Descriptor,
  dockerManifest,
  type NamedImage,
  parseReference,
  type WriteArchiveOptions,
  writeDockerArchive,
  writeOciArchive,
  writeOciLayout,
  writeOutputFile,
} from '@cooperage/store'
import type { RegistryOpener } from '../base/registry-opener.js'
import type { StepId } from '../events.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { Annotations } from './annotations.js'
import type { ImageForm } from './describe-image.js'
import { type BuildOutcome, type DescribedResult, describeResult } from './describe-result.js'
import { writeFilesTar } from './files-tar.js'
import { fullName } from './full-name.js'
import { nameResult } from './name-result.js'
import type { ArchiveOutput, FilesOutput, FormedOutput, ImageOutput, OutputSpec } from './output-spec.js'
import { resultTree } from './result-tree.js'
import { writeLocal } from './write-local.js'

const CREATED = 'org.opencontainers.image.created'

export interface OutputContext extends BuildOutcome {
  readonly environment: StepEnvironment
  /** The build's tags, as written. */
  readonly tags: readonly string[]
  readonly annotations: Annotations
  /** Undefined for a build that speaks to none. */
  readonly registry: RegistryOpener | undefined
}

/** What an output wrote; archives say which manifest, or index. */
export interface OutputResult {
  readonly kind: OutputSpec['kind']
  readonly destination: string
  readonly descriptor?: Descriptor
  /** The names of an image that has names of its own, or was pushed; in full. */
  readonly names?: readonly string[]
  /** Whether the registries of its names have it now. */
  readonly pushed?: boolean
  /** Of images: one for each platform. */
  readonly manifests?: readonly Descriptor[]
}

/** Writes one output. Nothing half-written stays visible: files appear under their names when they are whole. */
export async function writeOutput(
  spec: OutputSpec,
  context: OutputContext,
  step: StepId,
): Promise<OutputResult> {
  switch (spec.kind) {
    case 'image':
      return writeImage(spec, context, step)
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

function formOf(spec: FormedOutput & Pick<OutputSpec, 'kind'>, epoch: number | undefined): ImageForm {
  const { compressionLevel, preferNondistributable } = spec
  return {
    compression: spec.compression ?? (spec.kind === 'docker' ? 'uncompressed' : 'gzip'),
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
    ...(spec.names !== undefined && { names: images[0]!.names }),
  }
}

/** Base layers that the registry has, or can take from elsewhere, are not fetched for a push. */
async function writeImage(spec: ImageOutput, context: OutputContext, step: StepId): Promise<OutputResult> {
  const isKept = isKeptInStore(spec)
  const { descriptor, manifests } = await describeOutcome(context, {
    form: { ...formOf(spec, context.environment.epoch), leaveAtOrigin: !isKept },
    annotations: spec.annotations,
  })
  const given = spec.names ?? context.tags
  const names = spec.pushByDigest ? given.map(repositoryOf) : given.map(fullName)
  if (isKept)
    await nameResult(spec.nameCanonical ? withCanonical(names, descriptor) : names, descriptor, context)
  if (spec.push) {
    const { pushResult } = await import('./push-result.js')
    const layers = context.images.flatMap(({ image }) => image.layers)
    await pushResult(
      { root: descriptor, layers, names, spec },
      { environment: context.environment, registry: context.registry!, step },
    )
  }
  return { kind: 'image', destination: names.join(','), names, descriptor, manifests, pushed: spec.push }
}

/** Whether the image of an output is kept in the store under its names. */
export function isKeptInStore({ push, store }: ImageOutput): boolean {
  return store ?? !push
}

function withCanonical(names: readonly string[], { digest }: Descriptor): string[] {
  return [...names, ...new Set(names.map((name) => `${repositoryOf(name)}@${digest}`))]
}

function repositoryOf(name: string): string {
  const { domain, path } = parseReference(name)
  return `${domain}/${path}`
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
