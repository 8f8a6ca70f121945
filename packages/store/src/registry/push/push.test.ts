import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryBlobStore } from '../../blobs/memory-blob-store.js'
import { digestOf, parseDigest } from '../../digest.js'
import { type Descriptor, MediaType, type Platform } from '../../image/types.js'
import { openStore } from '../../store.js'
import {
  addImage,
  addIndex,
  type LoopbackRegistry,
  type RegistryFault,
  startLoopbackRegistry,
} from '../../testing/index.js'
import type { RegistryClient, RegistryClientOptions } from '../client.js'
import { storeContent } from '../content.js'
import { createRegistryClient } from '../create-registry-client.js'
import type { RegistryEvent } from '../events.js'
import { parseReference } from '../reference.js'

const AMD64: Platform = { os: 'linux', architecture: 'amd64' }

let source: LoopbackRegistry
let target: LoopbackRegistry
let client: RegistryClient
let store: MemoryBlobStore
beforeEach(async () => {
  source = await startLoopbackRegistry()
  target = await startLoopbackRegistry()
  client = makeClient()
  store = new MemoryBlobStore()
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await source[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
})

function makeClient(options: RegistryClientOptions = {}): RegistryClient {
  return createRegistryClient({ clock: { now: () => Date.now(), sleep: async () => {} }, ...options })
}

const at = (registry: LoopbackRegistry, text: string) => parseReference(`${registry.host}/${text}`)
const asked = (registry: LoopbackRegistry) => registry.requests.map(({ method, url }) => `${method} ${url}`)

/** Pulls an image of these layers into the store. */
async function image(
  layers: readonly number[],
  seed = 1,
): Promise<{ root: Descriptor; layers: Descriptor[] }> {
  const added = addImage(source.storage, 'a', { layers, seed, tag: `${seed}` })
  const { root } = await client.pull(at(source, `a:${seed}`), { store, platforms: [AMD64] })
  return { root, layers: [...added.layers] }
}

const push = (root: Descriptor, to = 'b:1') =>
  client.push(at(target, to), { root, content: storeContent(store) })

async function expectThere(root: Descriptor, to = 'b:1'): Promise<void> {
  const pulled = await createRegistryClient().pull(at(target, to), {
    store: new MemoryBlobStore(),
    platforms: [AMD64],
  })
  expect(pulled.root).toEqual(root)
}

describe('a push', () => {
  it('moves what the registry lacks: blobs, then the manifest under its tags', async () => {
    const { root, layers } = await image([10, 2_000_000])
    const pushed = await client.push(at(target, 'b:1'), {
      root,
      content: storeContent(store),
      tags: ['2', '1'],
    })
    expect(pushed.blobs).toEqual({ existed: 0, mounted: 0, uploaded: 3 })
    await expectThere(root)
    await expectThere(root, 'b:2')
    const puts = asked(target).filter((line) => line.startsWith('PUT'))
    expect(puts.slice(0, -2).every((line) => line.startsWith('PUT /v2/b/blobs/uploads/'))).toBe(true)
    expect(puts.slice(-2)).toEqual(['PUT /v2/b/manifests/1', 'PUT /v2/b/manifests/2'])
    expect(target.storage.blob('b', layers[1]!.digest)).toBeDefined()
    target.requests.length = 0
    expect((await push(root)).blobs).toEqual({ existed: 3, mounted: 0, uploaded: 0 })
    expect(asked(target).filter((line) => !line.startsWith('HEAD'))).toEqual(['PUT /v2/b/manifests/1'])
  })

  it('of an index goes from what is named to what names', async () => {
    const images = [AMD64, { os: 'linux', architecture: 'arm64' }].map((platform, seed) =>
      addImage(source.storage, 'a', { platform, seed }),
    )
    const inner = addIndex(source.storage, 'a', { manifests: [images[1]!.descriptor] })
    const outer = addIndex(source.storage, 'a', { manifests: [images[0]!.descriptor, inner], tag: '1' })
    const { root } = await client.pull(at(source, 'a:1'), { store, platforms: 'all' })
    await push(root)
    const puts = asked(target).filter((line) => line.startsWith('PUT /v2/b/manifests/'))
    const digests = [images[0]!.descriptor.digest, images[1]!.descriptor.digest, inner.digest]
    expect(puts).toEqual([
      ...digests.map((digest) => `PUT /v2/b/manifests/${digest}`),
      'PUT /v2/b/manifests/1',
    ])
    expect(target.storage.manifest('b', '1')?.digest).toBe(outer.digest)
  })

  it('by digest makes no tag, and another digest is refused', async () => {
    const { root } = await image([10])
    await push(root, `b@${root.digest}`)
    expect([...target.storage.repository('b').tags.keys()]).toEqual([])
    const other = push(root, `b@${digestOf('other')}`)
    await expect(other).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
  })

  it('lets the registry take a blob from where it has it, as the caller or an earlier call knows', async () => {
    const { root } = await image([10, 20])
    await push(root, 'from/here:1')
    const content = storeContent(store)
    const mountFrom = [at(target, 'nothing/there'), at(target, 'from/here'), at(source, 'a')]
    const first = await client.push(at(target, 'to/there:1'), { root, content, mountFrom })
    expect(first.blobs).toEqual({ existed: 0, mounted: 0, uploaded: 3 })
    const second = await client.push(at(target, 'to/yonder:1'), {
      root,
      content,
      mountFrom: mountFrom.slice(1),
    })
    expect(second.blobs).toEqual({ existed: 0, mounted: 3, uploaded: 0 })
    const directory = mkdtempSync(join(tmpdir(), 'cooperage-push-'))
    await using disk = await openStore({ path: directory })
    const { records, blobs } = disk
    await client.pull(at(target, 'from/here:1'), { store: blobs, records, platforms: [AMD64] })
    const third = await client.push(at(target, 'last:1'), { root, content: storeContent(blobs), records })
    expect(third.blobs).toEqual({ existed: 0, mounted: 3, uploaded: 0 })
    rmSync(directory, { recursive: true })
  })

  it('uploads what it may not mount', async () => {
    const { root } = await image([10])
    for (const status of [202, 400, 403, 404, 405]) {
      target.fault = ({ url }) => (url.includes('mount=') && status !== 202 ? { status } : undefined)
      const to = at(target, `m${status}:1`)
      const pushed = await client.push(to, {
        root,
        content: storeContent(store),
        mountFrom: [at(target, 'else')],
      })
      expect(pushed.blobs, `${status}`).toMatchObject({ uploaded: 2 })
    }
  })

  it('uploads what its token may not reach, and what was mounted wrongly', async () => {
    const { root } = await image([10])
    const other = { 'docker-content-digest': digestOf('other') }
    const faults = [
      { status: 201, headers: other },
      { status: 401, headers: { 'www-authenticate': 'Bearer realm="REALM"' } },
    ]
    for (const [index, fault] of faults.entries()) {
      target.fault = ({ url }) => {
        if (url.startsWith('/token'))
          return url.includes('else') ? { status: 400 } : { status: 200, body: '{"token":"t"}' }
        if (!url.includes('mount=')) return undefined
        const realm = `${target.origin}/token`
        const headers = Object.entries(fault.headers).map(([name, text]) => [
          name,
          text.replace('REALM', realm),
        ])
        return { status: fault.status, headers: Object.fromEntries(headers) }
      }
      const to = at(target, `w${index}:1`)
      const from = { root, content: storeContent(store), mountFrom: [at(target, 'else')] }
      const anew = makeClient()
      expect((await anew.push(to, from)).blobs).toMatchObject({ uploaded: 2, mounted: 0 })
      await anew[Symbol.asyncDispose]()
    }
  })

  it('goes in pieces where it is told to, of the size that the registry wants at least', async () => {
    const { root } = await image([1_000_000])
    await target[Symbol.asyncDispose]()
    target = await startLoopbackRegistry({ chunkMinimum: 300_000 })
    client = makeClient({ chunkSize: 100_000 })
    const events: RegistryEvent[] = []
    await client.push(at(target, 'b:1'), {
      root,
      content: storeContent(store),
      onEvent: (event) => events.push(event),
    })
    const ranges = target.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['content-range'])
    expect(ranges).toEqual(['0-299999', '300000-599999', '600000-899999', '900000-999999'])
    await expectThere(root)
  })

  it.each([200, 201, 204])('goes in pieces to a registry that says %i to each', async (statusAfter) => {
    const { root } = await image([250_000])
    client = makeClient({ chunkSize: 100_000 })
    target.fault = ({ method }) => (method === 'PATCH' ? { statusAfter } : undefined)
    await push(root)
    await expectThere(root)
  })

  it.each([undefined, 60_000])(
    'is resumed where it was cut, at any byte (pieces of %s)',
    async (chunkSize) => {
      const size = 1_000_003
      const { root, layers } = await image([size], 3)
      client = makeClient(chunkSize === undefined ? {} : { chunkSize })
      // Only requests of 5000 bytes and more are cut, which spares config and manifest: so much must be left to
      // send after the first cut for the second to come.
      const last = (chunkSize ?? size) - 5000
      for (let turn = 0; turn < 20; turn++) {
        const cuts = [Math.floor(Math.random() * last), Math.floor(Math.random() * 1000)]
        target.fault = ({ method, headers }): RegistryFault | undefined => {
          if (!/^P(UT|ATCH)$/.test(method) || Number(headers['content-length']) < 5000) return undefined
          const cutRequestAt = cuts.shift()
          return cutRequestAt === undefined ? undefined : { cutRequestAt }
        }
        const repository = `cut${turn}`
        await push(root, `${repository}:1`)
        expect(target.storage.blob(repository, layers[0]!.digest)?.length).toBe(size)
        expect(cuts).toEqual([])
      }
    },
  )

  it('goes on from where the registry says it is, not from where it was sent to', async () => {
    const { root, layers } = await image([300_000], 9)
    client = makeClient({ chunkSize: 100_000 })
    let count = 0
    target.fault = ({ method }) =>
      method === 'PATCH' && ++count > 1 && count < 5 ? { takeAtMost: 40_000 } : undefined
    const events: RegistryEvent[] = []
    await client.push(at(target, 'b:1'), {
      root,
      content: storeContent(store),
      onEvent: (event) => events.push(event),
    })
    const ranges = target.requests.flatMap(({ method, headers }) =>
      method === 'PATCH' ? [headers['content-range']] : [],
    )
    expect(ranges).toEqual(['0-99999', '100000-199999', '140000-239999', '180000-279999', '220000-299999'])
    expect(events.filter(({ kind }) => kind === 'retry')).toEqual([])
    expect(target.storage.blob('b', layers[0]!.digest)?.length).toBe(300_000)
  })

  it('goes whole when it is sent elsewhere while it is under way', async () => {
    const { root, layers } = await image([6_000_000])
    let times = 0
    target.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('/uploads/') && times++ < 2
        ? { status: 307, headers: { location: `${target.origin}${url}` } }
        : undefined
    expect(await push(root)).toMatchObject({ blobs: { uploaded: 2 } })
    expect(times).toBeGreaterThan(2)
    expect(target.storage.blob('b', layers[0]!.digest)?.length).toBe(layers[0]!.size)
  })

  it('to what is no registry is not taken for done', async () => {
    const { root } = await image([10])
    target.fault = () => ({ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } })
    await expect(push(root)).rejects.toMatchObject({ code: 'E_REG_NOT_A_REGISTRY' })
  })

  it('survives a registry that is restarted', async () => {
    const { root } = await image([3_000_000], 4)
    const { port, storage } = target
    client = createRegistryClient()
    let restarted: Promise<void> | undefined
    target.fault = ({ method }) => {
      if (method !== 'PUT' || restarted !== undefined) return undefined
      restarted = (async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await target[Symbol.asyncDispose]()
        storage.uploads.clear()
        await new Promise((resolve) => setTimeout(resolve, 800))
        target = await startLoopbackRegistry({ port, storage })
      })()
      return { mute: true }
    }
    const events: RegistryEvent[] = []
    await client.push(at(target, 'b:1'), {
      root,
      content: storeContent(store),
      onEvent: (event) => events.push(event),
    })
    await restarted
    expect(events.some(({ kind }) => kind === 'retry')).toBe(true)
    await expectThere(root)
  })

  it('knows that only the answer was lost', async () => {
    const { root } = await image([100_000], 5)
    let lost = 0
    target.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('/blobs/') && lost++ === 0 ? { cutAt: 0, body: 'x' } : undefined
    await push(root)
    expect(lost).toBeGreaterThan(0)
    await expectThere(root)
  })

  it('begins anew where the registry lost count, or the upload', async () => {
    const { root, layers } = await image([300_000], 6)
    client = makeClient({ chunkSize: 100_000 })
    const faults: RegistryFault[] = [
      { status: 416 },
      { status: 404 },
      { status: 202, headers: { range: '0-5', location: '/v2/b/blobs/uploads/gone' } },
      { status: 202, headers: { range: '0-99999999', location: '/v2/b/blobs/uploads/gone' } },
    ]
    for (const [index, fault] of faults.entries()) {
      let count = 0
      target.fault = ({ method }) => (method === 'PATCH' && count++ === 1 ? fault : undefined)
      await push(root, `lost${index}:1`)
      expect(target.storage.blob(`lost${index}`, layers[0]!.digest)?.length).toBe(300_000)
    }
  })

  it('is told to be forgotten when it is aborted, and leaves no tag', async () => {
    const { root } = await image([4_000_000], 7)
    const controller = new AbortController()
    target.fault = ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('/blobs/')) return undefined
      setTimeout(() => controller.abort(new Error('enough')), 20)
      return { mute: true }
    }
    const pushing = client.push(at(target, 'b:1'), {
      root,
      content: storeContent(store),
      signal: controller.signal,
    })
    await expect(pushing).rejects.toThrow('enough')
    expect(asked(target).some((line) => line.startsWith('DELETE /v2/b/blobs/uploads/'))).toBe(true)
    expect(target.storage.uploads.size).toBe(0)
    expect(target.storage.manifest('b', '1')).toBeUndefined()
  })

  it('of damaged content fails, and the registry keeps nothing of it', async () => {
    const { root, layers } = await image([200_000], 8)
    const bad = randomBytes(200_000)
    const content = {
      async *read(descriptor: Descriptor) {
        if (descriptor.digest === layers[0]!.digest) yield bad
        else yield* storeContent(store).read(descriptor)
      },
    }
    const pushing = client.push(at(target, 'b:1'), { root, content })
    await expect(pushing).rejects.toMatchObject({ code: 'E_PUSH', data: { status: 400 } })
    expect(target.storage.blob('b', layers[0]!.digest)).toBeUndefined()
    expect(target.storage.manifest('b', '1')).toBeUndefined()
  })

  it('leaves out layers that are not to be distributed, unless it is told to', async () => {
    const { root: base, layers } = await image([100])
    const manifest = JSON.parse(
      Buffer.from(await store.readAll(parseDigest(base.digest), 1 << 20)).toString(),
    )
    manifest.layers[0].mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const bytes = Buffer.from(JSON.stringify(manifest))
    const root = { mediaType: MediaType.ociManifest, ...(await store.put(bytes)) }
    expect((await push(root)).blobs.uploaded).toBe(1)
    expect(target.storage.blob('b', layers[0]!.digest)).toBeUndefined()
    await client.push(at(target, 'b:2'), { root, content: storeContent(store), foreignLayers: true })
    expect(target.storage.blob('b', layers[0]!.digest)).toBeDefined()
  })
})

describe('what refers to an image', () => {
  it.each([true, false])('is listed, by the registry (%s) or by a tag', async (referrers) => {
    await target[Symbol.asyncDispose]()
    target = await startLoopbackRegistry({ referrers })
    const { root } = await image([10])
    await push(root)
    const pushed: string[] = []
    for (const artifactType of ['application/x.sbom', 'application/x.signature']) {
      const empty = { mediaType: MediaType.ociEmpty, ...(await store.put(Buffer.from('{}'))) }
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MediaType.ociManifest,
          artifactType,
          config: empty,
          layers: [empty],
          subject: root,
          annotations: { for: artifactType },
        }),
      )
      const artifact = { mediaType: MediaType.ociManifest, ...(await store.put(bytes)) }
      for (let twice = 0; twice < 2; twice++) await push(artifact, `b@${artifact.digest}`)
      pushed.push(artifact.digest)
    }
    const subject = parseDigest(root.digest)
    const all = await client.referrers(at(target, 'b'), subject)
    expect(all.map(({ digest }) => digest)).toEqual(pushed)
    const one = await client.referrers(at(target, 'b'), subject, { artifactType: 'application/x.sbom' })
    expect(one.map(({ digest }) => digest)).toEqual(pushed.slice(0, 1))
    expect(await client.referrers(at(target, 'b'), digestOf('other'))).toEqual([])
  })
})

describe('a copy', () => {
  it('streams from one registry to another, and mounts within one', async () => {
    const added = addImage(source.storage, 'a', { tag: '1', layers: [10, 3_000_000] })
    const index = addIndex(source.storage, 'a', { manifests: [added.descriptor], tag: '2' })
    const copied = await client.copy(at(source, 'a:2'), at(target, 'b:1'), { tags: ['also'] })
    expect(copied).toEqual({ root: index, blobs: { existed: 0, mounted: 0, uploaded: 3 } })
    await expectThere(index, 'b:also')
    target.requests.length = 0
    const within = await client.copy(at(target, 'b:1'), at(target, 'c:1'))
    expect(within.blobs).toEqual({ existed: 0, mounted: 3, uploaded: 0 })
    expect(asked(target).filter((line) => line.startsWith('GET') && line.includes('/blobs/'))).toEqual([])
  })

  it('of one platform takes its manifest out of the index', async () => {
    const images = [AMD64, { os: 'linux', architecture: 'arm64' }].map((platform, seed) =>
      addImage(source.storage, 'a', { platform, seed }),
    )
    addIndex(source.storage, 'a', { manifests: images.map(({ descriptor }) => descriptor), tag: '1' })
    const platform = { os: 'linux', architecture: 'arm64' }
    const { root } = await client.copy(at(source, 'a:1'), at(target, 'b:1'), { platform })
    expect(root.digest).toBe(images[1]!.descriptor.digest)
    expect(target.storage.repository('b').manifests.size).toBe(1)
  })

  it('resumes what is cut on either side, and refuses what is not what it says', async () => {
    const { layers } = addImage(source.storage, 'a', { tag: '1', layers: [1_000_000], seed: 11 })
    const { digest } = layers[0]!
    let reads = 0
    let writes = 0
    source.fault = ({ url }) => (url.includes(digest) && reads++ < 3 ? { cutAt: 200_000 } : undefined)
    target.fault = ({ method, headers }) =>
      method === 'PUT' && Number(headers['content-length']) > 5000 && writes++ < 1
        ? { cutRequestAt: 500_000 }
        : undefined
    await client.copy(at(source, 'a:1'), at(target, 'b:1'))
    expect(target.storage.blob('b', digest)?.length).toBe(1_000_000)
    source.fault = ({ url }) => (url.includes(digest) ? { body: randomBytes(1_000_000) } : undefined)
    const copying = client.copy(at(source, 'a:1'), at(target, 'c:1'))
    await expect(copying).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH', data: { host: source.host } })
    expect(target.storage.blob('c', digest)).toBeUndefined()
  })
})

describe('tags', () => {
  it('come page by page', async () => {
    await target[Symbol.asyncDispose]()
    target = await startLoopbackRegistry({ pageSize: 3 })
    const wanted = Array.from({ length: 8 }, (_, index) => `v${index}`)
    for (const tag of wanted) addImage(target.storage, 'b', { tag })
    const tags: string[] = []
    for await (const tag of client.tags(at(target, 'b'))) tags.push(tag)
    expect(tags).toEqual(wanted)
    expect(target.requests).toHaveLength(3)
  })

  it('and what refers to an image come from the registry, not from a mirror that has less', async () => {
    const { descriptor } = addImage(target.storage, 'b', { tag: 'v1' })
    const [mirror, registry] = [source, target].map(({ origin, host }, index) => ({
      origin,
      repository: 'b',
      isMirror: index === 0,
      capabilities: new Set(['pull', 'resolve'] as const),
      credentialKey: host,
    }))
    const about = { mediaType: MediaType.ociManifest, digest: digestOf('signature'), size: 9 }
    const page = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [about] })
    target.fault = ({ url }) =>
      url.includes('/referrers/')
        ? {
            status: 200,
            body: page,
            headers: { 'content-type': MediaType.ociIndex, link: `<${url}>; rel="next"` },
          }
        : undefined
    const mirrored = makeClient({ endpoints: async () => [mirror!, registry!] })
    const tags: string[] = []
    for await (const tag of mirrored.tags(at(target, 'b'))) tags.push(tag)
    expect(tags).toEqual(['v1'])
    const found = await mirrored.referrers(at(target, 'b'), parseDigest(descriptor.digest))
    // A page that says it is followed by itself is the last one.
    expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set([about.digest]))
    expect(target.requests.length).toBeLessThan(5)
    expect(source.requests).toEqual([])
    await mirrored[Symbol.asyncDispose]()
  })

  it('may be none', async () => {
    target.fault = () => ({ status: 200, body: '{"name":"b","tags":null}' })
    for await (const tag of client.tags(at(target, 'b'))) expect.unreachable(tag)
  })
})
