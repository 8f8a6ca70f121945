import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { digestOf } from '../digest.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { addIndex, type LoopbackRegistry, startLoopbackRegistry } from '../testing/index.js'
import type { RegistryClient } from './client.js'
import { createRegistryClient } from './create-registry-client.js'
import { parseReference } from './reference.js'

const OTHER = { os: 'linux', architecture: 's390x' }

let registry: LoopbackRegistry
let client: RegistryClient
beforeEach(async () => {
  registry = await startLoopbackRegistry()
  client = createRegistryClient()
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const a = () => parseReference(`${registry.host}/a:1`)

describe('an index of indexes', () => {
  it('is read to 64 MiB in all', async () => {
    const manifests = Array.from({ length: 30 }, (_, at): Descriptor => {
      const annotations = { at: String(at), long: 'x'.repeat(3 << 20) }
      const document = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [], annotations }
      const bytes = Buffer.from(JSON.stringify(document))
      const digest = registry.storage.addManifest('a', { bytes, mediaType: MediaType.ociIndex })
      return { mediaType: MediaType.ociIndex, digest, size: bytes.length }
    })
    addIndex(registry.storage, 'a', { manifests, tag: '1' })
    const refused = { code: 'E_LIMIT', message: expect.stringContaining(`${64 << 20} bytes of manifests`) }
    for (const platforms of [[OTHER], 'all'] as const) {
      const pulled = client.pull(a(), { store: new MemoryBlobStore(), platforms })
      await expect(pulled).rejects.toMatchObject({ ...refused, category: 'network' })
    }
    const b = parseReference(`${registry.host}/b:1`)
    await expect(client.copy(a(), b)).rejects.toMatchObject(refused)
  })
})

describe('an index of thousands of platforms', () => {
  it('names twenty where none fits', async () => {
    const manifests = Array.from({ length: 5000 }, (_, at) => ({
      mediaType: MediaType.ociManifest,
      digest: digestOf(String(at)),
      size: 5,
      platform: { os: `os${at}`, architecture: 'x' },
    }))
    addIndex(registry.storage, 'a', { manifests, tag: '1' })
    const pulled = client.pull(a(), { store: new MemoryBlobStore(), platforms: [OTHER] })
    const error = (await pulled.catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'E_PLATFORM', data: { available: { length: 20 } } })
    expect(error.message).toMatch(/there is os0\/x, .*os19\/x and 4980 more$/)
  })
})
