import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { digestOf, parseDigest } from '../digest.js'
import { EMPTY_LAYER_GZIP, emptyLayer } from '../image/empty-layer.js'
import { MediaType } from '../image/types.js'
import { compressLayer, decompressLayer } from './compress-layer.js'

let store = new MemoryBlobStore()
let known = new Map<string, string>()
const records = {
  getText: async (kind: string, key: string) => known.get(`${kind} ${key}`),
  put: async (kind: string, key: string, payload: string | Uint8Array) => {
    known.set(`${kind} ${key}`, String(payload))
  },
}
const layer = Buffer.from('a layer, for once not a tar'.repeat(100))

beforeEach(() => {
  store = new MemoryBlobStore()
  known = new Map()
})

test('a layer is compressed once and remembered', async () => {
  const { digest } = await store.put(layer)
  const first = await compressLayer(digest, { store, records })
  expect(first.mediaType).toBe(MediaType.ociLayerGzip)
  expect(known.size).toBe(1)
  await store.remove(digest)
  expect(await compressLayer(digest, { store, records })).toEqual(first)
})

test('a remembered blob that is gone, or a record that is none, leads to a new one', async () => {
  const { digest } = await store.put(layer)
  const first = await compressLayer(digest, { store, records })
  await store.remove(parseDigest(first.digest))
  expect(await compressLayer(digest, { store, records })).toEqual(first)
  for (const record of ['{', '{}', 'null', '{"descriptor":{"digest":"x"}}']) {
    for (const key of known.keys()) known.set(key, record)
    expect(await compressLayer(digest, { store, records }), record).toEqual(first)
  }
})

test('a level that is asked for is kept apart from what is known otherwise', async () => {
  const { digest } = await store.put(layer)
  const any = await compressLayer(digest, { store, records })
  const stored = await compressLayer(digest, { store, records, level: 0 })
  expect(stored.size).toBeGreaterThan(layer.length)
  expect(await compressLayer(digest, { store, records })).toEqual(any)
})

test("the empty layer gets Go's bytes", async () => {
  const { digest } = await store.put(emptyLayer())
  expect(await compressLayer(digest, { store, records })).toEqual(EMPTY_LAYER_GZIP)
  expect(await store.stat(parseDigest(EMPTY_LAYER_GZIP.digest))).toMatchObject({ size: 32 })
})

test('a layer that came compressed is decompressed for use, and goes out as it came', async () => {
  const came = { mediaType: MediaType.dockerLayerGzip, ...(await store.put(gzipSync(layer, { level: 1 }))) }
  await decompressLayer(came, digestOf(layer), { store, records })
  expect(await store.stat(digestOf(layer))).toMatchObject({ size: layer.length })
  expect(await compressLayer(digestOf(layer), { store, records })).toEqual(came)
})

test('a layer that is not what it should be is refused and not kept', async () => {
  const came = { mediaType: MediaType.ociLayerGzip, ...(await store.put(gzipSync(layer))) }
  await expect(decompressLayer(came, digestOf('other'), { store, records })).rejects.toMatchObject({
    code: 'E_DIFFID',
  })
  expect(await store.stat(digestOf(layer))).toBeUndefined()
  expect(known.size).toBe(0)
})
