import type { BlobStore } from '../blobs/blob-store.js'
import { type Digest, Digester, digestAlgorithm, parseDigest } from '../digest.js'
import { CooperageError } from '../errors.js'
import { layerCountError } from '../image/layer-count.js'
import { parseConfig } from '../image/parse-config.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { decompressed } from './decompress.js'
import { type ImageNode, inStore } from './image-graph.js'

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MediaType.ociConfig, MediaType.dockerConfig])

/**
 * Checks that every layer of an image in the store has, decompressed, the digest that its config says. Artifacts,
 * whose configs are not those of images, pass; so do foreign layers that are not there.
 *
 * @throws E_DIFFID with the number of the layer; E_GZIP_… and the like for layers that do not decompress.
 */
export async function checkLayers(store: BlobStore, image: ImageNode, signal?: AbortSignal): Promise<void> {
  const { config, layers } = image.manifest
  // An attestation borrows the media type of image configs, but its layers are statements.
  if (!IMAGE_CONFIGS.has(config.mediaType) || layers.some((layer) => layer.mediaType.includes('in-toto')))
    return
  const diffIds = parseConfig(await store.readAll(parseDigest(config.digest), JSON_LIMIT)).rootfs.diff_ids
  if (diffIds.length !== layers.length) {
    throw layerCountError(diffIds.length, layers.length)
  }
  for (const [index, layer] of layers.entries()) {
    const expected = parseDigest(diffIds[index])
    if (layer.digest === expected || !(await inStore(store, layer))) continue
    const found = await diffIdOf(store, layer, {
      algorithm: digestAlgorithm(expected),
      ...(signal && { signal }),
    })
    if (found !== expected) throw diffIdMismatch(index, { expected, found })
  }
}

function diffIdMismatch(layer: number, digests: { expected: Digest; found: Digest }): CooperageError {
  return new CooperageError(
    'E_DIFFID',
    `layer ${layer} decompresses to ${digests.found}, its config says ${digests.expected}`,
    { data: { layer, ...digests } },
  )
}

async function diffIdOf(
  store: BlobStore,
  layer: Descriptor,
  options: { algorithm: 'sha256' | 'sha512'; signal?: AbortSignal },
): Promise<Digest> {
  const digester = new Digester(options.algorithm)
  const signal = options.signal && { signal: options.signal }
  const content = store.read(parseDigest(layer.digest), { size: layer.size, ...signal })
  for await (const chunk of decompressed(content, { what: `layer ${layer.digest}`, ...signal }))
    digester.update(chunk)
  return digester.digest()
}
