import { digestOf, isDigest } from '../digest.js'
import { isCooperageError } from '../errors.js'
import { isManifestType } from './match-platform.js'
import { parseConfig } from './parse-config.js'
import { parseManifest } from './parse-manifest.js'
import { type Descriptor, type ImageConfig, type Manifest, MediaType } from './types.js'

export interface ImageToValidate {
  readonly manifestBytes: Uint8Array
  readonly configBytes: Uint8Array
  /** What points at the manifest, when something does. */
  readonly descriptor?: Descriptor
}

/** One broken rule. */
export interface ImageProblem {
  /** Where, such as `config.history` or `manifest.layers[1].digest`. */
  readonly path: string
  readonly problem: string
}

const OCI_LAYERS: ReadonlySet<string> = new Set([
  MediaType.ociLayer,
  MediaType.ociLayerGzip,
  MediaType.ociLayerZstd,
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
])
const DOCKER_LAYERS: ReadonlySet<string> = new Set([
  MediaType.dockerLayer,
  MediaType.dockerLayerGzip,
  MediaType.dockerLayerZstd,
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
])

/**
 * Every rule of the specification, and of the tools that read images, that this one breaks; empty when all is well.
 * Looks at the documents only: that the layers have the content their diffIDs say is for whoever reads them.
 */
export function validateImage(image: ImageToValidate): ImageProblem[] {
  const problems: ImageProblem[] = []
  const { descriptor } = image
  if (descriptor) {
    problems.push(...mismatches('descriptor', descriptor, image.manifestBytes))
    if (!isManifestType(descriptor.mediaType))
      report(problems, 'descriptor.mediaType', 'is not an image manifest')
  }
  const manifest = attempt(() => parseManifest(image.manifestBytes), problems)
  const config = attempt(() => parseConfig(image.configBytes), problems)
  if (manifest) {
    problems.push(...mismatches('manifest.config', manifest.config, image.configBytes))
    checkManifest(manifest, descriptor, problems)
  }
  if (config) checkConfig(config, descriptor, problems)
  if (manifest && config && config.rootfs.diff_ids.length !== manifest.layers.length) {
    report(
      problems,
      'config.rootfs.diff_ids',
      `has ${config.rootfs.diff_ids.length} entries for ${manifest.layers.length} layers`,
    )
  }
  return problems
}

function report(problems: ImageProblem[], path: string, problem: string): void {
  problems.push({ path, problem })
}

function attempt<T>(parse: () => T, problems: ImageProblem[]): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (!isCooperageError(error)) throw error
    report(problems, typeof error.data.path === 'string' ? error.data.path : '', error.message)
    return undefined
  }
}

function mismatches(path: string, descriptor: Descriptor, bytes: Uint8Array): ImageProblem[] {
  const problems: ImageProblem[] = []
  if (descriptor.size !== bytes.length) {
    report(problems, `${path}.size`, `is ${descriptor.size}, found ${bytes.length}`)
  }
  if (descriptor.digest.startsWith('sha256:') && descriptor.digest !== digestOf(bytes)) {
    report(problems, `${path}.digest`, `is ${descriptor.digest}, found ${digestOf(bytes)}`)
  }
  return problems
}

function checkManifest(
  manifest: Manifest,
  descriptor: Descriptor | undefined,
  problems: ImageProblem[],
): void {
  const { mediaType } = manifest
  if (mediaType && descriptor && mediaType !== descriptor.mediaType) {
    report(problems, 'manifest.mediaType', `is ${mediaType}, its descriptor says ${descriptor.mediaType}`)
  }
  if (manifest.layers.length === 0) report(problems, 'manifest.layers', 'is empty')
  const docker = (mediaType ?? descriptor?.mediaType) === MediaType.dockerManifest
  const configType = docker ? MediaType.dockerConfig : MediaType.ociConfig
  if (manifest.config.mediaType !== configType) {
    report(problems, 'manifest.config.mediaType', `is ${manifest.config.mediaType}, not ${configType}`)
  }
  for (const [i, layer] of manifest.layers.entries()) {
    // umoci and skopeo refuse layers of the one family in a manifest of the other.
    if (!(docker ? DOCKER_LAYERS : OCI_LAYERS).has(layer.mediaType)) {
      report(
        problems,
        `manifest.layers[${i}].mediaType`,
        `is ${layer.mediaType}, not a layer of this kind of manifest`,
      )
    }
    if (!isDigest(layer.digest))
      report(problems, `manifest.layers[${i}].digest`, 'is of an unknown algorithm')
  }
}

function checkConfig(
  config: ImageConfig,
  descriptor: Descriptor | undefined,
  problems: ImageProblem[],
): void {
  const filled = config.history?.filter((entry) => !entry.empty_layer).length
  if (filled !== undefined && filled !== config.rootfs.diff_ids.length) {
    report(
      problems,
      'config.history',
      `speaks of ${filled} layers, there are ${config.rootfs.diff_ids.length}`,
    )
  }
  for (const [i, entry] of (config.history ?? []).entries()) {
    if (entry.created === undefined) report(problems, `config.history[${i}].created`, 'is missing')
    else if (Number.isNaN(Date.parse(entry.created)))
      report(problems, `config.history[${i}].created`, 'is not a time')
  }
  for (const [i, variable] of (config.config?.Env ?? []).entries()) {
    if (!/^[^=]+=/.test(variable)) report(problems, `config.config.Env[${i}]`, 'is not NAME=VALUE')
  }
  if (config.os === '') report(problems, 'config.os', 'is empty')
  if (config.architecture === '') report(problems, 'config.architecture', 'is empty')
  const platform = descriptor?.platform
  if (!platform) return
  for (const name of ['os', 'architecture', 'variant', 'os.version'] as const) {
    if ((platform[name] ?? '') !== (config[name] ?? '')) {
      report(
        problems,
        `config.${name}`,
        `is "${config[name] ?? ''}", its descriptor says "${platform[name] ?? ''}"`,
      )
    }
  }
}
