import * as zlib from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { digestOf, parseDigest } from '../digest.js'
import { encodeConfig } from '../image/encode-config.js'
import { encodeIndex, encodeManifest } from '../image/encode-manifest.js'
import { parseIndex } from '../image/parse-index.js'
import { parseManifest } from '../image/parse-manifest.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { type RecompressOptions, recompressImage } from './recompress-image.js'

const PLAIN = Buffer.from('the upper layer'.repeat(50))
const BASE = Buffer.from('the layer of a base'.repeat(50))

let store = new MemoryBlobStore()
let known = new Map<string, string>()
const records = {
  getText: async (kind: string, key: string) => known.get(`${kind} ${key}`),
  put: async (kind: string, key: string, payload: string | Uint8Array) => {
    known.set(`${kind} ${key}`, String(payload))
  },
}
beforeEach(() => {
  store = new MemoryBlobStore()
  known = new Map()
})

/** An image of a base's layer as it came, and one of ours that is not compressed. */
async function image(docker = false): Promise<Descriptor> {
  const base = await store.put(zlib.gzipSync(BASE, { level: 1 }))
  const plain = await store.put(PLAIN)
  const config = await store.put(
    encodeConfig({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [digestOf(BASE), plain.digest] },
    }),
  )
  const mediaType = docker ? MediaType.dockerManifest : MediaType.ociManifest
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: docker ? MediaType.dockerConfig : MediaType.ociConfig, ...config },
    layers: [
      { mediaType: docker ? MediaType.dockerLayerGzip : MediaType.ociLayerGzip, ...base },
      { mediaType: docker ? MediaType.dockerLayer : MediaType.ociLayer, ...plain, annotations: { a: 'b' } },
    ],
    annotations: { of: 'the manifest' },
  })
  return { mediaType, ...(await store.put(bytes)), platform: { architecture: 'amd64', os: 'linux' } }
}

const form = (root: Descriptor, options: Omit<RecompressOptions, 'store' | 'records'> = {}) =>
  recompressImage(root, { store, records, ...options })
const manifestOf = async ({ digest }: Descriptor) =>
  parseManifest(await store.readAll(parseDigest(digest), 1 << 20))

test('layers that are not compressed are, and all else stays', async () => {
  const root = await image()
  const before = await manifestOf(root)
  const packed = await form(root)
  const after = await manifestOf(packed)
  expect(packed).toEqual({ ...root, digest: packed.digest, size: packed.size })
  expect(after.layers[0]).toEqual(before.layers[0])
  expect(after.layers[1]).toMatchObject({ mediaType: MediaType.ociLayerGzip, annotations: { a: 'b' } })
  expect({ ...after, layers: [] }).toEqual({ ...before, layers: [] })
  expect(zlib.gunzipSync(await store.readAll(parseDigest(after.layers[1]!.digest), 1 << 20))).toEqual(PLAIN)
  expect(await form(root)).toEqual(packed)
  expect(await form(packed)).toBe(packed)
})

test('an image that has the form is left as it is', async () => {
  const root = await image()
  expect(await form(root, { compression: 'uncompressed' })).toBe(root)
})

test('with force the layers of a base change too', async () => {
  const root = await image(true)
  const { layers } = await manifestOf(await form(root, { compression: 'uncompressed', force: true }))
  expect(layers.map(({ mediaType, digest }) => [mediaType, digest])).toEqual([
    [MediaType.dockerLayer, digestOf(BASE)],
    [MediaType.dockerLayer, digestOf(PLAIN)],
  ])
  const gzip = await manifestOf(await form(root, { compression: 'gzip', force: true }))
  expect(gzip.layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill(MediaType.dockerLayerGzip))
  expect(gzip.layers[0]).toEqual((await manifestOf(root)).layers[0])
})

test.skipIf(!('createZstdCompress' in zlib))('zstd is among the forms', async () => {
  const { layers } = await manifestOf(await form(await image(), { compression: 'zstd', force: true }))
  expect(layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill(MediaType.ociLayerZstd))
})

test('of an index the images that are there are formed, and attestations and absent ones stay', async () => {
  const amd64 = await image()
  const absent: Descriptor = { mediaType: MediaType.ociManifest, digest: digestOf('absent'), size: 6 }
  const empty = { mediaType: MediaType.ociConfig, ...(await store.put(Buffer.from('{}'))) }
  const statement = { mediaType: 'application/vnd.in-toto+json', ...(await store.put(Buffer.from('{}'))) }
  const attestation: Descriptor = {
    mediaType: MediaType.ociManifest,
    ...(await store.put(
      encodeManifest({
        schemaVersion: 2,
        mediaType: MediaType.ociManifest,
        config: empty,
        layers: [statement],
      }),
    )),
  }
  const entries = [amd64, absent, attestation]
  const bytes = encodeIndex({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: entries })
  const root = { mediaType: MediaType.ociIndex, ...(await store.put(bytes)) }
  const { digest } = await form(root)
  const after = parseIndex(await store.readAll(parseDigest(digest), 1 << 20)).manifests
  expect(after).toEqual([await form(amd64), absent, attestation])
  expect(await form(root, { compression: 'uncompressed' })).toBe(root)
})

test('of an index an attestation names the image that it is about by its new digest', async () => {
  const plain = await image()
  const docker = await image(true)
  const attestation = {
    mediaType: MediaType.ociManifest,
    digest: digestOf('attestation'),
    size: 11,
    platform: { architecture: 'unknown', os: 'unknown' },
  }
  const about = ({ digest }: { digest: string }) => ({
    ...attestation,
    annotations: {
      'vnd.docker.reference.digest': digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  })
  const elsewhere = about({ digest: digestOf('another') })
  const index = encodeIndex({
    schemaVersion: 2,
    mediaType: MediaType.ociIndex,
    manifests: [plain, docker, about(plain), about(docker), elsewhere],
  })
  const { digest } = await form({ mediaType: MediaType.ociIndex, ...(await store.put(index)) })
  const { manifests } = parseIndex(await store.readAll(parseDigest(digest), 1 << 20))
  expect(manifests[0]!.digest).not.toBe(plain.digest)
  expect(manifests.slice(2)).toEqual([about(manifests[0]!), about(manifests[1]!), elsewhere])
})
