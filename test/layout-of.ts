import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestOf, encodeIndex, type ImageConfig, MediaType } from '@cooperage/store'

export interface LayoutImage {
  /** Uncompressed layers, lowest first. */
  readonly layers: readonly Uint8Array[]
  readonly config?: ImageConfig['config']
  readonly gzip?: boolean
  /** Changes the JSON of the manifest or of the config before it is stored. */
  readonly alter?: {
    readonly manifest?: (json: Record<string, unknown>) => unknown
    readonly config?: (json: Record<string, unknown>) => unknown
  }
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' }

/** Writes an OCI image layout with one image, tagged `latest`. Answers with `oci-layout://…` for --build-context. */
export function layoutOf(directory: string, image: LayoutImage): string {
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true })
  const put = (bytes: Uint8Array, mediaType: string) => {
    const digest = digestOf(bytes)
    writeFileSync(join(directory, 'blobs/sha256', digest.slice('sha256:'.length)), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  const same = (value: Record<string, unknown>): unknown => value
  const platform = image.platform ?? {
    os: 'linux',
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
  }
  const config = {
    ...platform,
    ...(image.config !== undefined && { config: image.config }),
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => digestOf(layer)) },
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: put(json((image.alter?.config ?? same)(config)), MediaType.ociConfig),
    layers: image.layers.map((layer) =>
      image.gzip === true ? put(gzipSync(layer), MediaType.ociLayerGzip) : put(layer, MediaType.ociLayer),
    ),
  }
  const descriptor = put(json((image.alter?.manifest ?? same)(manifest)), MediaType.ociManifest)
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' }
  const index = {
    schemaVersion: 2 as const,
    mediaType: MediaType.ociIndex,
    manifests: [{ ...descriptor, platform, annotations }],
  }
  writeFileSync(join(directory, 'index.json'), encodeIndex(index as never))
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  return `oci-layout://${directory}`
}
