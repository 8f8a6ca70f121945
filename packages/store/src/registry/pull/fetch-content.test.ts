import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../../test/store-directory.js'
import type { BlobStore } from '../../blobs/blob-store.js'
import { MemoryBlobStore } from '../../blobs/memory-blob-store.js'
import { type Digest, digestOf, parseDigest } from '../../digest.js'
import { type Descriptor, MediaType } from '../../image/types.js'
import { openStore } from '../../store.js'
import { type LoopbackRegistry, startLoopbackRegistry } from '../../testing/index.js'
import type { RegistryClient } from '../client.js'
import { createRegistryClient } from '../create-registry-client.js'
import { parseReference } from '../reference.js'

let registry: LoopbackRegistry
let client: RegistryClient
beforeEach(async () => {
  registry = await startLoopbackRegistry()
  client = createRegistryClient({ clock: { now: () => Date.now(), sleep: async () => {} } })
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

/** Half of it is noise, so that it is compressed and stays large. */
const CONTENT = Buffer.concat([Buffer.alloc(6 << 20, 'layer '), randomBytes(6 << 20)])
const DIFF_ID = digestOf(CONTENT)
const COMPRESSED = gzipSync(CONTENT, { level: 1 })

function serve(bytes: Buffer = COMPRESSED): Descriptor {
  const digest = registry.storage.addBlob('a', bytes)
  return { mediaType: MediaType.ociLayerGzip, digest, size: bytes.length }
}

const fetch = (layer: Descriptor, store: BlobStore, diffId: Digest = DIFF_ID) =>
  client.fetchBlob(parseReference(`${registry.host}/a:1`), layer, { store, diffId })

async function expectBoth(store: BlobStore, layer: Descriptor): Promise<void> {
  for (const [digest, bytes] of [
    [layer.digest, COMPRESSED],
    [DIFF_ID, CONTENT],
  ] as const) {
    expect(Buffer.from(await store.readAll(parseDigest(digest), bytes.length)).equals(bytes)).toBe(true)
  }
}

/** A store from which a whole blob is never read. */
class Unread extends MemoryBlobStore {
  override read(): never {
    throw new Error('the layer was read again')
  }
}

describe('a layer that is wanted uncompressed', () => {
  it('is decompressed while it arrives, and not read again', async () => {
    const layer = serve()
    const store = new Unread()
    expect(await fetch(layer, store)).toBe(true)
    expect(await store.stat(DIFF_ID)).toEqual({ digest: DIFF_ID, size: CONTENT.length })
    expect(await store.stat(parseDigest(layer.digest))).toBeDefined()
    expect(await fetch(layer, store)).toBe(false)
  })

  it('is in the store in both forms, also when the line breaks', async () => {
    const layer = serve()
    await using store = await openDirectory()
    let asked = 0
    registry.fault = () => (asked++ < 3 ? { cutAt: 1_000_000 } : undefined)
    await fetch(layer, store.blobs)
    expect(asked).toBe(4)
    await expectBoth(store.blobs, layer)
  })

  it('is decompressed afterwards when an earlier call brought a part of it, or all', async () => {
    const layer = serve()
    await using store = await openDirectory()
    const { blobs } = store
    registry.fault = ({ headers }) => (headers.range === undefined ? { cutAt: 1_000_000 } : { status: 403 })
    await expect(fetch(layer, blobs)).rejects.toMatchObject({ code: 'E_REG_DENIED' })
    expect(await blobs.stat(DIFF_ID)).toBeUndefined()
    registry.fault = undefined
    await fetch(layer, blobs)
    expect(registry.requests.at(-1)!.headers.range).toMatch(/^bytes=[1-9]/)
    await expectBoth(blobs, layer)
    await blobs.remove(DIFF_ID)
    expect(await fetch(layer, blobs)).toBe(false)
    await expectBoth(blobs, layer)
  })

  it('leaves nothing when what came is something else', async () => {
    const layer = serve()
    await using store = await openDirectory()
    const wrong = Buffer.from(COMPRESSED)
    wrong[wrong.length >> 1]! ^= 1
    registry.fault = () => ({ body: wrong })
    await expect(fetch(layer, store.blobs)).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
    for await (const blob of store.blobs.list()) throw new Error(`left behind: ${blob.digest}`)
    expect(filesUnder(join(store.root, 'ingest'))).toEqual([])
  })

  it.each([
    ['is another', COMPRESSED, 'E_DIFFID'],
    ['ends too early', COMPRESSED.subarray(0, -1000), 'E_GZIP_TRUNCATED'],
    ['is not compressed, and another', CONTENT.subarray(1), 'E_DIFFID'],
  ])('that %s is refused, and the blob is kept', async (_, bytes, code) => {
    const layer = serve(bytes)
    const store = new MemoryBlobStore()
    await expect(fetch(layer, store, digestOf(Buffer.from('other')))).rejects.toMatchObject({ code })
    const kept: string[] = []
    for await (const { digest } of store.list()) kept.push(digest)
    expect(kept).toEqual([layer.digest])
  })

  it('may be one that never was compressed', async () => {
    const layer = serve(CONTENT)
    const store = new Unread()
    expect(await fetch(layer, store)).toBe(true)
    expect(await store.stat(DIFF_ID)).toBeDefined()
  })
})

async function openDirectory() {
  const root = await storeDirectory()
  const store = await openStore({ path: root })
  return { root, blobs: store.blobs, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}
