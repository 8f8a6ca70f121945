import { type Descriptor, MediaType } from '@cooperage/store'

/** The same form of layer in the words of OCI and of Docker. */
const PAIRS: readonly (readonly [oci: string, docker: string])[] = [
  [MediaType.ociLayer, MediaType.dockerLayer],
  [MediaType.ociLayerGzip, MediaType.dockerLayerGzip],
  [MediaType.ociLayerZstd, MediaType.dockerLayerZstd],
  ...['', '+gzip', '+zstd'].map(
    (suffix) =>
      [
        `application/vnd.oci.image.layer.nondistributable.v1.tar${suffix}`,
        `application/vnd.docker.image.rootfs.foreign.diff.tar${suffix.replace('+', '.')}`,
      ] as const,
  ),
]
const TO_DOCKER: ReadonlyMap<string, string> = new Map(PAIRS)
const TO_OCI: ReadonlyMap<string, string> = new Map(PAIRS.map(([oci, docker]) => [docker, oci]))

/** One manifest never mixes the two families of media types: readers refuse it. */
export function inFamily(layer: Descriptor, isOci: boolean): Descriptor {
  const mediaType = (isOci ? TO_OCI : TO_DOCKER).get(layer.mediaType) ?? layer.mediaType
  return { ...layer, mediaType }
}

/** True for layers that are to be fetched from where their maker put them (image-spec, layer.md, deprecated). */
export function isNondistributable({ mediaType }: Descriptor): boolean {
  return /\.nondistributable\.|\.foreign\./.test(mediaType)
}

/** Such a layer as one like any other, as BuildKit exports it. */
export function distributable({ urls: _, ...layer }: Descriptor): Descriptor {
  return {
    ...layer,
    mediaType: layer.mediaType.replace('.nondistributable.', '.').replace('.foreign.', '.'),
  }
}
