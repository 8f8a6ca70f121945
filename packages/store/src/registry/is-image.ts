import { type Manifest, MediaType } from '../image/types.js'

/** False for what else is kept in registries. */
export function isImage({ config: { mediaType } }: Manifest): boolean {
  return mediaType === MediaType.ociConfig || mediaType === MediaType.dockerConfig
}
