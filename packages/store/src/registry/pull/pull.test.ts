import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryBlobStore } from '../../blobs/memory-blob-store.js'
import { parseDigest } from '../../digest.js'
import type { Platform } from '../../image/types.js'
import { openStore } from '../../store.js'
import { addImage, addIndex, type LoopbackRegistry, startLoopbackRegistry } from '../../testing/index.js'
import type { RegistryClient } from '../client.js'
import { createRegistryClient } from '../create-registry-client.js'
import type { RegistryEvent } from '../events.js'
import { parseReference } from '../reference.js'

const AMD64: Platform = { os: 'linux', architecture: 'amd64' }
const ARM: Platform = { os: 'linux', architecture: 'arm', variant: 'v6' }

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
const asked = () => registry.requests.map(({ method, url }) => `${method} ${url}`)

describe('a pull', () => {
  it('brings an image whole into the store, by one HEAD and one GET for each part', async () => {
    const image = addImage(registry.storage, 'a/b', { tag: '1', layers: [10, 100_000, 5_000_000] })
    const store = new MemoryBlobStore()
    const events: RegistryEvent[] = []
    const pulled = await client.pull(named('a/b:1'), {
      store,
      platforms: [AMD64],
      onEvent: (event) => events.push(event),
    })
    expect(pulled.root.digest).toBe(image.descriptor.digest)
    expect(String(pulled.reference)).toBe(`${registry.host}/a/b:1@${image.descriptor.digest}`)
    expect(pulled.blobs).toEqual({ existed: 0, fetched: 3 })
    for (const { digest, size } of [image.descriptor, image.config, ...image.layers]) {
      const bytes = await store.readAll(parseDigest(digest), size)
      const there = registry.storage.manifest('a/b', digest)?.bytes ?? registry.storage.blob('a/b', digest)
      expect(Buffer.from(bytes).equals(there!)).toBe(true)
    }
    expect(asked().sort()).toEqual(
      [
        'HEAD /v2/a/b/manifests/1',
        `GET /v2/a/b/manifests/${image.descriptor.digest}`,
        ...[image.config, ...image.layers].map(({ digest }) => `GET /v2/a/b/blobs/${digest}`),
      ].sort(),
    )
    expect(events.filter(({ kind }) => kind === 'blob')).toHaveLength(4)
    const { digest, size } = image.layers[2]!
    const steps = events.filter((event) => event.kind === 'progress' && event.digest === digest)
    expect(steps[0]).toMatchObject({ done: 0, size })
    expect(steps.at(-1)).toMatchObject({ done: size, size })
  })

  it('of what is there costs one HEAD for a tag, and nothing for a digest', async () => {
    const { descriptor } = addImage(registry.storage, 'a', { layers: [10, 20] })
    const index = addIndex(registry.storage, 'a', { manifests: [descriptor], tag: 'latest' })
    const store = new MemoryBlobStore()
    await client.pull(named('a'), { store, platforms: [AMD64] })
    registry.requests.length = 0
    const again = await client.pull(named('a'), { store, platforms: [AMD64] })
    expect(again.blobs).toEqual({ existed: 2, fetched: 0 })
    await client.resolve(named(`a@${index.digest}`), { store, platform: AMD64 })
    await client.pull(named(`a@${index.digest}`), { store, platforms: [AMD64] })
    expect(asked()).toEqual(['HEAD /v2/a/manifests/latest'])
  })

  it('asks by GET where HEAD finds nothing, and says what the registry says', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = ({ method }) => (method === 'HEAD' ? { status: 404 } : undefined)
    const pulled = await client.pull(named('a:1'), { store: new MemoryBlobStore(), platforms: [AMD64] })
    expect(pulled.root.digest).toBe(image.descriptor.digest)
    registry.fault = undefined
    registry.requests.length = 0
    await expect(client.pull(named('a:none'), { store: new MemoryBlobStore() })).rejects.toMatchObject({
      code: 'E_REG_NOT_FOUND',
      message: expect.stringContaining('MANIFEST_UNKNOWN: '),
    })
    expect(asked()).toEqual(['HEAD /v2/a/manifests/none', 'GET /v2/a/manifests/none'])
  })

  it.each(['0', ''])('is not misled by a HEAD whose length is %j', async (length) => {
    const { descriptor } = addImage(registry.storage, 'a', { tag: '1' })
    const { mediaType, digest, size } = descriptor
    registry.fault = ({ method }) =>
      method === 'HEAD' ? { headers: { 'content-length': length } } : undefined
    expect(await client.head(named('a:1'))).toEqual({ mediaType, digest, size })
    const { root } = await client.copy(named('a:1'), named('b:1'))
    expect(root.digest).toBe(digest)
  })

  it('chooses the platform as its variants fall back, and takes all when it is told to', async () => {
    const images = [AMD64, { os: 'linux', architecture: 'arm', variant: 'v5' }].map((platform, seed) =>
      addImage(registry.storage, 'a', { platform, seed }),
    )
    const inner = addIndex(registry.storage, 'a', { manifests: images.map(({ descriptor }) => descriptor) })
    const attestation = addImage(registry.storage, 'a', {
      platform: { os: 'unknown', architecture: 'unknown' },
      seed: 9,
    })
    const manifests = [attestation.descriptor, inner]
    addIndex(registry.storage, 'a', { manifests, tag: '1', docker: true })
    const arm = await client.resolve(named('a:1'), { store: new MemoryBlobStore(), platform: ARM })
    expect(arm.descriptor.digest).toBe(images[1]!.descriptor.digest)
    expect(arm.config.architecture).toBe('arm')
    const all = await client.pull(named('a:1'), { store: new MemoryBlobStore(), platforms: 'all' })
    expect(all.images).toHaveLength(3)
    const other = client.resolve(named('a:1'), {
      store: new MemoryBlobStore(),
      platform: { os: 'linux', architecture: 's390x' },
    })
    await expect(other).rejects.toMatchObject({ code: 'E_PLATFORM' })
  })

  it('finds an image that is in the second of two indexes without platforms', async () => {
    const inner = [AMD64, ARM].map((platform, seed) => {
      const { descriptor } = addImage(registry.storage, 'a', { platform, seed })
      const { platform: _, ...index } = addIndex(registry.storage, 'a', { manifests: [descriptor] })
      return index
    })
    addIndex(registry.storage, 'a', { manifests: inner, tag: '1' })
    const store = new MemoryBlobStore()
    expect((await client.resolve(named('a:1'), { store, platform: ARM })).config.architecture).toBe('arm')
    await expect(
      client.resolve(named('a:1'), { store, platform: { os: 'linux', architecture: 's390x' } }),
    ).rejects.toMatchObject({ code: 'E_PLATFORM', data: { available: ['linux/amd64', 'linux/arm/v6'] } })
  })

  it('can leave the layers for later, one by one', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [100, 200] })
    const store = new MemoryBlobStore()
    const resolved = await client.resolve(named('a:1'), { store, platform: AMD64 })
    expect(asked().filter((line) => line.includes('/blobs/'))).toEqual([
      `GET /v2/a/blobs/${image.config.digest}`,
    ])
    const [first] = resolved.manifest.layers
    expect(await client.fetchBlob(resolved.reference, first!, { store })).toBe(true)
    expect(await client.fetchBlob(resolved.reference, first!, { store })).toBe(false)
    expect(await store.stat(parseDigest(image.layers[1]!.digest))).toBeUndefined()
  })

  it('of one blob by many is one request', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [3_000_000] })
    const store = new MemoryBlobStore()
    const fetched = await Promise.all(
      Array.from({ length: 8 }, () => client.fetchBlob(named('a:1'), image.layers[0]!, { store })),
    )
    expect(fetched.filter((isOwn) => isOwn)).toHaveLength(1)
    expect(registry.requests).toHaveLength(1)
  })

  it('ends when it is aborted, and one that waited for it goes on', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [3_000_000] })
    const store = new MemoryBlobStore()
    registry.fault = () => (registry.requests.length === 1 ? { stallAt: 1000 } : undefined)
    const controller = new AbortController()
    const { signal } = controller
    const first = client.fetchBlob(named('a:1'), image.layers[0]!, { store, signal })
    const second = client.fetchBlob(named('a:1'), image.layers[0]!, { store })
    setTimeout(() => controller.abort(new Error('enough')), 100)
    await expect(first).rejects.toThrow('enough')
    expect(await second).toBe(true)
  })

  it('reads few configs at a time, and waits for none of them once a layer cannot be had', async () => {
    const images = Array.from({ length: 12 }, (_, seed) =>
      addImage(registry.storage, 'a', {
        platform: { os: 'linux', architecture: `a${seed}` },
        seed,
        layers: [100],
      }),
    )
    const manifests = images.map(({ descriptor }) => descriptor)
    addIndex(registry.storage, 'a', { manifests, tag: '1' })
    const configs = new Set(images.map(({ config }) => config.digest as string))
    const digestOf = (url: string) => url.slice(url.lastIndexOf('/') + 1)
    const asked = () => registry.requests.filter(({ url }) => configs.has(digestOf(url))).length
    const bad = images[11]!.layers[0]!.digest
    let isLate = false
    registry.fault = ({ url }) => {
      if (configs.has(digestOf(url))) return { mute: true }
      return digestOf(url) === bad && isLate
        ? { status: 404 }
        : { ...(digestOf(url) === bad && { stallAt: 10 }) }
    }
    const store = new MemoryBlobStore()
    const hasty = createRegistryClient({ timeouts: { stall: 300 }, tries: 3 })
    const failed = hasty.pull(named('a:1'), { store, platforms: 'all' })
    setTimeout(() => {
      isLate = true
    }, 100)
    await expect(failed).rejects.toMatchObject({ code: 'E_REG_NOT_FOUND' })
    expect(asked()).toBe(4)
    await hasty[Symbol.asyncDispose]()
  })

  it('keeps what it has for a later one in another process', async () => {
    const root = mkdtempSync(join(tmpdir(), 'cooperage-pull-'))
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [12_000_000] })
    const [layer] = image.layers
    registry.fault = ({ url }) => (url.includes(layer!.digest) ? { stallAt: 9_000_000 } : undefined)
    const impatient = createRegistryClient({ timeouts: { stall: 300 }, tries: 1 })
    {
      await using store = await openStore({ path: root })
      const failed = impatient.pull(named('a:1'), { store: store.blobs, platforms: [AMD64] })
      await expect(failed).rejects.toMatchObject({
        code: 'E_TIMEOUT',
        data: { phase: 'body', bytes: 9_000_000 },
      })
    }
    registry.fault = undefined
    registry.requests.length = 0
    await using store = await openStore({ path: root })
    const events: RegistryEvent[] = []
    await client.pull(named('a:1'), {
      store: store.blobs,
      platforms: [AMD64],
      onEvent: (event) => events.push(event),
    })
    expect(events).toContainEqual(expect.objectContaining({ outcome: 'resumed', digest: layer!.digest }))
    const request = registry.requests.find(({ url }) => url.includes(layer!.digest))
    expect(request?.headers.range).toBe('bytes=9000000-')
    await impatient[Symbol.asyncDispose]()
    rmSync(root, { recursive: true })
  })

  it('is resumed where it was cut, at any byte', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [1_000_003] })
    const { digest, size } = image.layers[0]!
    const quick = createRegistryClient({ clock: { now: () => Date.now(), sleep: async () => {} } })
    for (let turn = 0; turn < 20; turn++) {
      const first = Math.floor(Math.random() * size)
      const cuts = [first, Math.floor(Math.random() * (size - first))]
      registry.fault = ({ url }) => {
        const cutAt = url.includes(digest) ? cuts.shift() : undefined
        return cutAt === undefined ? undefined : { cutAt }
      }
      const store = new MemoryBlobStore()
      await quick.pull(named('a:1'), { store, platforms: [AMD64] })
      expect(await store.stat(parseDigest(digest)), `cut at ${first}`).toEqual({ digest, size })
    }
    await quick[Symbol.asyncDispose]()
  })

  it('goes on where a server ignores ranges, refuses them, or lies about them', async () => {
    const image = addImage(registry.storage, 'a', { tag: '1', layers: [500_000] })
    const { digest, size } = image.layers[0]!
    const whole = registry.storage.blob('a', digest)!
    for (const answer of [
      { status: 200, body: whole },
      { status: 416 },
      { status: 206, body: whole.subarray(100) },
      { status: 206, body: whole.subarray(7), headers: { 'content-range': `bytes 7-${size - 1}/${size}` } },
    ]) {
      let count = 0
      registry.fault = ({ url, headers }) => {
        if (!url.includes(digest)) return undefined
        if (headers.range !== undefined) return answer
        return count++ === 0 ? { cutAt: 100_000 } : undefined
      }
      const store = new MemoryBlobStore()
      await client.pull(named('a:1'), { store, platforms: [AMD64] })
      expect(await store.stat(parseDigest(digest))).toEqual({ digest, size })
    }
  })
})
