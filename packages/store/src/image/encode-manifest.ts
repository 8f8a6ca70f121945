import { goJson, goMap } from './go-json.js'
import type { Descriptor, Index, Manifest, Platform } from './types.js'

/**
 * The bytes of a manifest as BuildKit writes them: the field order of Go's types, two spaces, no final newline, and
 * `null` in place of layers where there are none.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return Buffer.from(
    goJson(
      {
        schemaVersion: 2,
        mediaType: manifest.mediaType,
        artifactType: manifest.artifactType,
        config: orderDescriptor(manifest.config),
        layers: manifest.layers.length === 0 ? null : manifest.layers.map(orderDescriptor),
        subject: manifest.subject && orderDescriptor(manifest.subject),
        annotations: goMap(manifest.annotations),
      },
      { indent: true },
    ),
  )
}

/** The bytes of an index; `compact` for the `index.json` of a layout, which containerd writes without spaces. */
export function encodeIndex(index: Index, options: { readonly compact?: boolean } = {}): Uint8Array {
  return Buffer.from(
    goJson(
      {
        schemaVersion: 2,
        mediaType: index.mediaType,
        artifactType: index.artifactType,
        manifests: index.manifests.map(orderDescriptor),
        subject: index.subject && orderDescriptor(index.subject),
        annotations: goMap(index.annotations),
      },
      { indent: !options.compact },
    ),
  )
}

function orderDescriptor(descriptor: Descriptor): object {
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    urls: descriptor.urls,
    annotations: goMap(descriptor.annotations),
    data: descriptor.data,
    platform: descriptor.platform && orderPlatform(descriptor.platform),
    artifactType: descriptor.artifactType,
  }
}

function orderPlatform(platform: Platform): object {
  return {
    architecture: platform.architecture,
    os: platform.os,
    'os.version': platform['os.version'],
    'os.features': platform['os.features'],
    variant: platform.variant,
  }
}
