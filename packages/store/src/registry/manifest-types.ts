import { MediaType } from '../image/types.js'

/** One header with all, joined: servers read only the first of several, and some refuse what is not named. */
export const ACCEPT_MANIFESTS: string = [
  MediaType.ociIndex,
  MediaType.ociManifest,
  MediaType.dockerManifestList,
  MediaType.dockerManifest,
].join(', ')

/** Layers that their makers want fetched from `urls` (image-spec, layer.md, "Non-Distributable Layers"). */
export function isForeignLayer(mediaType: string): boolean {
  return /\.nondistributable\.|\.foreign\./.test(mediaType)
}
