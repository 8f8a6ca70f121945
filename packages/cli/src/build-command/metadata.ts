import type { BuildResult } from '@cooperage/builder'
import { digestOf } from '@cooperage/store'

/** The content of `--metadata-file`, under the keys that docker buildx uses, and in their order. */
export function metadata(
  result: BuildResult,
  options: { readonly warnings?: boolean } = {},
): Record<string, unknown> {
  const { descriptor, imageId, tags, warnings, outputs } = result
  const names = outputs.find((output) => output.names)?.names ?? tags
  // Of several platforms each has a config of its own.
  const isImage = imageId !== descriptor.digest
  return {
    ...(options.warnings === true && warnings.length > 0
      ? { 'buildx.build.warnings': warnings.map(warning) }
      : {}),
    ...(isImage ? { 'containerimage.config.digest': imageId } : {}),
    'containerimage.descriptor': descriptor,
    'containerimage.digest': descriptor.digest,
    ...(names.length > 0 ? { 'image.name': names.join(',') } : {}),
  }
}

function warning({ rule, message, location }: BuildResult['warnings'][number]): object {
  return {
    vertex: digestOf('dockerfile'),
    level: 1,
    short: Buffer.from(`${rule}: ${message}`).toString('base64'),
    ...(location !== undefined && {
      sourceInfo: { filename: location.file },
      range: [{ start: { line: location.line }, end: { line: location.endLine ?? location.line } }],
    }),
  }
}
