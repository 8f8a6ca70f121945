import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { AMD64, victim } from '../../../../test/registry-victim.js'
import { digestOf } from '../digest.js'
import { MediaType } from '../image/types.js'
import { type AddedImage, addImage, addIndex, type RegistryFault } from '../testing/index.js'
import { parseReference } from './reference.js'

const MiB = 1 << 20
const at = victim()

describe('a blob', () => {
  const size = 6 * MiB
  let image: AddedImage
  let content: Buffer
  beforeEach(() => {
    image = addImage(at.registry.storage, 'a', { tag: '1', layers: [size] })
    content = at.registry.storage.blob('a', image.layers[0]!.digest)!
  })

  it.each<[string, () => RegistryFault, readonly [string, object]]>([
    [
      'one byte more',
      () => ({ body: Buffer.concat([content, Buffer.from('x')]) }),
      ['E_SIZE_MISMATCH', { expected: size, found: size + 1 }],
    ],
    [
      'one byte less',
      () => ({ body: content.subarray(1) }),
      ['E_SIZE_MISMATCH', { expected: size, found: size - 1 }],
    ],
    [
      'no end',
      () => ({ body: 'endless', headers: { 'transfer-encoding': 'chunked' } }),
      ['E_SIZE_MISMATCH', { expected: size }],
    ],
    [
      'nothing',
      () => ({ body: '', headers: { 'transfer-encoding': 'chunked' } }),
      ['E_SIZE_MISMATCH', { expected: size, found: 0 }],
    ],
    ['other bytes', () => ({ body: randomBytes(size) }), ['E_DIGEST_MISMATCH', {}]],
    [
      'compression',
      () => ({ headers: { 'content-encoding': 'gzip' } }),
      ['E_REG_ENCODING', { encoding: 'gzip' }],
    ],
    [
      'a page',
      () => ({ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }),
      ['E_SIZE_MISMATCH', { found: 6 }],
    ],
    ['a part unasked', () => ({ status: 206, body: content }), ['E_REG_REFUSED', { status: 206 }]],
  ])('with %s is refused, and leaves no blob', async (_, fault, [code, data]) => {
    at.faulty(image.layers[0]!.digest, fault())
    await expect(at.pull()).rejects.toMatchObject({ code, category: 'network', data })
    expect(await at.blobs()).not.toContain(image.layers[0]!.digest)
    at.registry.fault = undefined
    await at.pull()
    expect(await at.blobs()).toContain(image.layers[0]!.digest)
  })

  it('that ends early twice is refused', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    at.registry.fault = ({ url, headers: { range } }) =>
      url.includes(image.layers[0]!.digest)
        ? { body: range === undefined ? content.subarray(0, 5 * MiB) : '', headers }
        : undefined
    await expect(at.pull()).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
      data: { expected: size, found: 5 * MiB, host: at.registry.host },
    })
    expect(await at.blobs()).not.toContain(image.layers[0]!.digest)
  })

  it('that ends early is resumed once', async () => {
    let count = 0
    at.registry.fault = ({ url }) =>
      url.includes(image.layers[0]!.digest) && count++ === 0
        ? { body: content.subarray(0, 5 * MiB), headers: { 'transfer-encoding': 'chunked' } }
        : undefined
    await at.pull()
    expect(at.registry.requests.at(-1)?.headers.range).toBe(`bytes=${5 * MiB}-`)
  })

  it('that falls silent is E_TIMEOUT, and what came is kept', async () => {
    at.client = at.makeClient({ timeouts: { stall: 200 } })
    at.registry.fault = ({ url, headers: { range } }) =>
      url.includes(image.layers[0]!.digest) ? { stallAt: range === undefined ? 5 * MiB : 0 } : undefined
    await expect(at.pull()).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      data: { phase: 'body', bytes: expect.any(Number) },
      message: expect.stringContaining('0.2 seconds'),
    })
    at.registry.fault = undefined
    await at.pull()
    expect(at.events).toContainEqual(expect.objectContaining({ kind: 'blob', outcome: 'resumed' }))
  })

  it('whose connection breaks again and again is E_CONNECT', async () => {
    at.faulty(image.layers[0]!.digest, { cutAt: 0 })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_CONNECT', data: { failure: 'reset', bytes: 0 } })
    expect(at.waited.length).toBeGreaterThan(2)
  })

  it('named by a digest that is none never becomes a path or a URL', async () => {
    for (const digest of [
      'sha256:../x',
      `sha256:${'A'.repeat(64)}`,
      `sha512:${'a'.repeat(64)}`,
      'sha256:',
      'md5:00',
      '',
    ]) {
      const manifest = { schemaVersion: 2, config: image.config, layers: [{ ...image.layers[0], digest }] }
      const bytes = Buffer.from(JSON.stringify(manifest))
      at.registry.storage.addManifest('a', { bytes, mediaType: MediaType.ociManifest }, 'bad')
      at.registry.requests.length = 0
      await expect(at.pull('a:bad')).rejects.toMatchObject({
        code: expect.stringMatching(/^E_(MANIFEST|DIGEST)$/),
      })
      expect(at.registry.requests.every(({ url }) => !url.includes('..'))).toBe(true)
    }
  })

  it('named by sha512 is checked by it', async () => {
    const { createHash } = await import('node:crypto')
    const bytes = randomBytes(5000)
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`
    at.registry.storage.addBlob('a', bytes, digest)
    const layer = { mediaType: MediaType.ociLayer, digest, size: 5000 }
    await at.client.fetchBlob(parseReference(`${at.registry.host}/a:1`), layer, { store: at.store.blobs })
    expect(await at.blobs()).toContain(digest)
    at.faulty(digest, { body: randomBytes(5000) })
    await at.store.blobs.remove(digest as `sha512:${string}`)
    const again = at.client.fetchBlob(parseReference(`${at.registry.host}/a:1`), layer, {
      store: at.store.blobs,
    })
    await expect(again).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
  })
})

describe('a manifest', () => {
  let image: AddedImage
  beforeEach(() => {
    image = addImage(at.registry.storage, 'a', { tag: 'good', layers: [10] })
  })

  function put(document: object | string, mediaType: string = MediaType.ociManifest): void {
    const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
    at.registry.storage.addManifest('a', { bytes, mediaType }, '1')
  }

  it.each<[string, (manifest: object) => object | string, string]>([
    ['no config', (m) => ({ ...m, config: undefined }), 'E_MANIFEST'],
    ['a size that is text', (m) => replaced(m, 'size', '"10"'), 'E_MANIFEST'],
    ['a negative size', (m) => replaced(m, 'size', '-1'), 'E_MANIFEST'],
    ['a size of 1e3', (m) => replaced(m, 'size', '1e3'), 'E_MANIFEST'],
    ['a size beyond 2^53', (m) => replaced(m, 'size', '9007199254740993'), 'E_MANIFEST'],
    ['a media type of its own', (m) => ({ ...m, mediaType: 'application/x' }), 'E_MANIFEST_AMBIGUOUS'],
    ['layers and manifests', (m) => ({ ...m, manifests: [] }), 'E_MANIFEST_AMBIGUOUS'],
    ['a name twice', (m) => JSON.stringify(m).replace('{', '{"layers":[],'), 'E_MANIFEST_AMBIGUOUS'],
    ['the first schema', (m) => ({ ...m, schemaVersion: 1, fsLayers: [] }), 'E_SCHEMA1'],
    ['no JSON', () => 'not json', 'E_MANIFEST'],
    ['a list', () => '[]', 'E_MANIFEST'],
    ['deep nesting', () => '['.repeat(200_000), 'E_MANIFEST'],
  ])('with %s is refused', async (_, change, code) => {
    const manifest = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString()) as object
    put(change(manifest))
    await expect(at.pull()).rejects.toMatchObject({ code })
    expect(await at.blobs()).toEqual([])
  })

  it('that one calls an index and the other an image is refused, whoever says it', async () => {
    const bytes = at.registry.storage.manifest('a', 'good')!.bytes.toString()
    put(bytes, MediaType.ociIndex)
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    put(bytes, MediaType.dockerManifest)
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    const entry = { ...image.descriptor, mediaType: MediaType.dockerManifest, platform: AMD64 }
    addIndex(at.registry.storage, 'a', { manifests: [entry], tag: '1' })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    put({ schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_SCHEMA1' })
  })

  it('with null for layers is one without, and refused where its config names some', async () => {
    const manifest = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString())
    put({ ...manifest, layers: null })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_MANIFEST' })
  })

  it('without a media type of its own is what the server says', async () => {
    const manifest = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString())
    put({ ...manifest, mediaType: undefined })
    await at.pull()
    at.faulty('manifests', { headers: { 'content-type': 'application/octet-stream' } })
    await at.pull(`a@${at.registry.storage.manifest('a', '1')!.digest}`)
  })

  it.each<[string, RegistryFault, string]>([
    ['other bytes', { body: '{"schemaVersion":2}' }, 'E_DIGEST_MISMATCH'],
    ['no end', { body: 'endless' }, 'E_LIMIT'],
    ['4 MiB and a byte', { body: Buffer.alloc(4 * MiB + 1) }, 'E_LIMIT'],
    ['compression', { headers: { 'content-encoding': 'gzip' } }, 'E_REG_ENCODING'],
  ])('with %s is refused', async (_, fault, code) => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    at.faulty('/manifests/', fault)
    await expect(at.pull()).rejects.toMatchObject({ code })
    expect(await at.blobs()).toEqual([])
  })

  it.each([
    [0, 1],
    [1, 0],
  ])('that gives a blob two sizes is refused, in whatever order (%i, %i)', async (...order) => {
    const { config, layers } = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString())
    const sizes = order.map((which) => [{ ...layers[0], size: layers[0].size + 1 }, layers[0]][which])
    put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: sizes })
    const refused = {
      code: 'E_SIZE_MISMATCH',
      message: expect.stringMatching(/is said to have \d+ bytes and \d+$/),
    }
    await expect(at.pull()).rejects.toMatchObject({ ...refused, category: 'network' })
    const [from, to] = ['a:1', 'b:1'].map((name) => parseReference(`${at.registry.host}/${name}`))
    await expect(at.client.copy(from!, to!)).rejects.toMatchObject(refused)
    expect(at.registry.requests.some(({ method }) => method === 'PUT')).toBe(false)
    await expect(at.client.resolve(from!, { store: at.store.blobs, platform: AMD64 })).rejects.toMatchObject(
      refused,
    )
  })

  it('that gives a layer of the store another size is refused, and said of the registry', async () => {
    await at.pull('a:good')
    const { config, layers } = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString())
    const layer = { ...layers[0], size: 5 }
    put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: [layer] })
    const refused = { code: 'E_SIZE_MISMATCH', category: 'network', data: { expected: 5, found: 10 } }
    await expect(at.pull()).rejects.toMatchObject(refused)
  })

  it('of which a digest is of an unknown kind is the fault of the registry', async () => {
    const { config, layers } = JSON.parse(at.registry.storage.manifest('a', 'good')!.bytes.toString())
    const layer = { ...layers[0], digest: `md5:${'a'.repeat(32)}` }
    put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: [layer] })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_DIGEST', category: 'network' })
  })

  it('in an index has the size that the index says', async () => {
    for (const [size, code] of [
      [image.descriptor.size + 1, 'E_SIZE_MISMATCH'],
      [image.descriptor.size - 1, 'E_SIZE_MISMATCH'],
      [5 * MiB, 'E_LIMIT'],
    ] as const) {
      addIndex(at.registry.storage, 'a', { manifests: [{ ...image.descriptor, size }], tag: '1' })
      await expect(at.pull()).rejects.toMatchObject({ code })
    }
  })

  it('whose digest the server gets wrong, or does not say, is judged by its bytes', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    at.registry.fault = () => ({ headers: { 'docker-content-digest': digestOf('other') } })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_REG_NOT_FOUND' })
    at.registry.fault = ({ method }) =>
      method === 'HEAD' ? { status: 405 } : { headers: { 'docker-content-digest': digestOf('other') } }
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
    for (const header of ['', 'sha256:../x', 'md5:00']) {
      at.registry.fault = ({ url }) =>
        url.includes('/manifests/1') ? { headers: { 'docker-content-digest': header } } : undefined
      await at.pull()
    }
  })

  it('that the server calls JSON is what it says itself', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    const headers = { 'content-type': 'application/json' }
    at.registry.fault = ({ url }) => (url.includes('/manifests/') ? { headers } : undefined)
    await at.pull()
    expect(await at.client.head(parseReference(`${at.registry.host}/a:1`))).toMatchObject({
      mediaType: MediaType.ociManifest,
    })
  })

  it('is found by GET where the server knows no HEAD', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    at.registry.fault = ({ method }) => (method === 'HEAD' ? { status: 405 } : undefined)
    await at.pull()
    expect(await at.client.head(parseReference(`${at.registry.host}/a:1`))).toMatchObject({
      digest: at.registry.storage.manifest('a', '1')!.digest,
    })
  })

  it('in indexes without end is refused', async () => {
    let inner = addIndex(at.registry.storage, 'a', { manifests: [image.descriptor] })
    for (let depth = 0; depth < 20; depth++)
      inner = addIndex(at.registry.storage, 'a', { manifests: [inner], tag: '1' })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_LIMIT' })
    const all = at.client.pull(parseReference(`${at.registry.host}/a:1`), {
      store: at.store.blobs,
      platforms: 'all',
    })
    await expect(all).rejects.toMatchObject({ code: 'E_LIMIT' })
  })

  it('without our platform says which there are', async () => {
    addIndex(at.registry.storage, 'a', { manifests: [], tag: '1' })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_PLATFORM', data: { available: [] } })
    const platform = { os: 'linux', architecture: 'arm', variant: 'v8' }
    addIndex(at.registry.storage, 'a', { manifests: [{ ...image.descriptor, platform }], tag: '1' })
    await expect(at.pull()).rejects.toMatchObject({
      code: 'E_PLATFORM',
      data: { available: ['linux/arm/v8'] },
    })
  })

  it.each<[string, object | string, string]>([
    ['a rootfs of another type', { rootfs: { type: 'x', diff_ids: [] } }, 'E_CONFIG'],
    ['no rootfs', { rootfs: undefined }, 'E_CONFIG'],
    ['other layers', { rootfs: { type: 'layers', diff_ids: [] } }, 'E_DIFFID'],
    ['no JSON', 'text', 'E_CONFIG'],
  ])('with a config that has %s is refused', async (_, change, code) => {
    const good = JSON.parse(at.registry.storage.blob('a', image.config.digest)!.toString())
    const bytes = Buffer.from(typeof change === 'string' ? change : JSON.stringify({ ...good, ...change }))
    const config = { ...image.config, digest: at.registry.storage.addBlob('a', bytes), size: bytes.length }
    put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: image.layers })
    await expect(at.pull()).rejects.toMatchObject({ code })
  })

  it('brings content along, which is used if it is right', async () => {
    const bytes = at.registry.storage.blob('a', image.config.digest)!
    const data = bytes.toString('base64')
    const wrong = Buffer.alloc(bytes.length).toString('base64')
    for (const [embedded, requests] of [
      [data, 0],
      [wrong, 1],
    ] as const) {
      const config = { ...image.config, data: embedded }
      put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: image.layers })
      await at.store.blobs.remove(image.config.digest as `sha256:${string}`)
      at.registry.requests.length = 0
      await at.pull()
      expect(at.registry.requests.filter(({ url }) => url.includes(image.config.digest))).toHaveLength(
        requests,
      )
    }
  })
})

function replaced(manifest: object, field: string, literal: string): string {
  return JSON.stringify(manifest).replace(new RegExp(`"${field}":\\d+`), `"${field}":${literal}`)
}
