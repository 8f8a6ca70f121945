import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { defaultPlatform } from '../image/platform.js'
import type { Platform } from '../image/types.js'
import { addImage, addIndex, type LoopbackRegistry, startLoopbackRegistry } from '../testing/index.js'
import type { RegistryClient } from './client.js'
import { createRegistryClient } from './create-registry-client.js'
import { parseReference } from './reference.js'

const S390X: Platform = { os: 'linux', architecture: 's390x' }
const OTHER: Platform = { os: 'linux', architecture: 'riscv64' }

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

const named = (text: string) => parseReference(`${registry.host}/${text}`)
const refused = {
  code: 'E_PLATFORM',
  message: expect.stringMatching(/linux\/riscv64: there is linux\/s390x$/),
  data: { wanted: 'linux/riscv64', available: ['linux/s390x'] },
}

describe('an image without an index', () => {
  it('is refused when another platform is asked for', async () => {
    addImage(registry.storage, 'a', { tag: '1', platform: S390X })
    const pulled = client.pull(named('a:1'), { store: new MemoryBlobStore(), platforms: [OTHER] })
    await expect(pulled).rejects.toMatchObject(refused)
    await expect(client.copy(named('a:1'), named('b:1'), { platform: OTHER })).rejects.toMatchObject(refused)
    expect(registry.requests.filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([])
  })

  it('is taken for its own platform, and whatever it is for when none is asked for', async () => {
    const { descriptor } = addImage(registry.storage, 'a', { tag: '1', platform: S390X })
    for (const how of [{ platforms: [S390X] }, {}]) {
      const { root } = await client.pull(named('a:1'), { store: new MemoryBlobStore(), ...how })
      expect(root.digest).toBe(descriptor.digest)
    }
    for (const platform of [S390X, 'default'] as const) {
      const { root } = await client.copy(named('a:1'), named('b:1'), { platform })
      expect(root.digest).toBe(descriptor.digest)
    }
    // As FROM does: BuildKit only warns.
    const { config } = await client.resolve(named('a:1'), { store: new MemoryBlobStore(), platform: OTHER })
    expect(config.architecture).toBe('s390x')
  })

  it('of which its config says no platform is taken for any', async () => {
    addImage(registry.storage, 'a', { tag: '1', platform: { os: '', architecture: '' } })
    const { images } = await client.pull(named('a:1'), { store: new MemoryBlobStore(), platforms: [OTHER] })
    expect(images).toHaveLength(1)
  })
})

describe('an index', () => {
  it('whose only entry has no platform is asked what the image is for', async () => {
    const { platform: _, ...entry } = addImage(registry.storage, 'a', { platform: S390X }).descriptor
    addIndex(registry.storage, 'a', { manifests: [entry], tag: '1' })
    const store = new MemoryBlobStore()
    await expect(client.pull(named('a:1'), { store, platforms: [OTHER] })).rejects.toMatchObject(refused)
    expect((await client.pull(named('a:1'), { store, platforms: [S390X] })).images).toHaveLength(1)
  })

  it('of a copy gives the image of this machine by default', async () => {
    const images = [S390X, defaultPlatform()].map(
      (platform, seed) => addImage(registry.storage, 'a', { platform, seed }).descriptor,
    )
    addIndex(registry.storage, 'a', { manifests: images, tag: '1' })
    const { root } = await client.copy(named('a:1'), named('b:1'), { platform: 'default' })
    expect(root.digest).toBe(images[1]!.digest)
  })
})
