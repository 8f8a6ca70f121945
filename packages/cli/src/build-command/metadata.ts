import type { BuildResult } from '@cooperage/builder'

/** The content of `--metadata-file`, under the keys that docker buildx uses. */
export function metadata(result: BuildResult): Record<string, unknown> {
  return {
    'containerimage.config.digest': result.imageId,
    'containerimage.descriptor': result.descriptor,
    'containerimage.digest': result.descriptor.digest,
    ...(result.tags.length > 0 ? { 'image.name': result.tags.join(',') } : {}),
  }
}
