import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../digest.js'
import { MediaType, type Platform } from '../image/types.js'
import { openStore, type Store } from '../store.js'
import {
  type AddedImage,
  addImage,
  addIndex,
  type LoopbackRegistry,
  type RegistryFault,
  startLoopbackRegistry,
} from '../testing/index.js'
import type { RegistryClient, RegistryClientOptions } from './client.js'
import { storeContent } from './content.js'
import { createRegistryClient } from './create-registry-client.js'
import type { RegistryEvent } from './events.js'
import { parseReference } from './reference.js'

const AMD64: Platform = { os: 'linux', architecture: 'amd64' }
const MiB = 1 << 20

let root: string
let store: Store
let registry: LoopbackRegistry
let client: RegistryClient
let waited: number[] = []
let events: RegistryEvent[] = []
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cooperage-hostile-'))
  store = await openStore({ path: root })
  registry = await startLoopbackRegistry()
  client = makeClient()
  waited = []
  events = []
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

function makeClient(options: RegistryClientOptions = {}): RegistryClient {
  const sleep = async (milliseconds: number) => void waited.push(milliseconds)
  return createRegistryClient({ clock: { now: () => Date.now(), sleep }, ...options })
}

function pull(reference = 'a:1', from: RegistryClient = client): Promise<unknown> {
  const named = parseReference(reference.includes(':5') ? reference : `${registry.host}/${reference}`)
  const onEvent = (event: RegistryEvent) => events.push(event)
  return from.pull(named, { store: store.blobs, platforms: [AMD64], onEvent })
}

async function blobs(): Promise<string[]> {
  const found: string[] = []
  for await (const { digest } of store.blobs.list()) found.push(digest)
  return found
}

/** The fault for requests whose URL has this in it. */
function faulty(part: string, fault: RegistryFault): void {
  registry.fault = ({ url, method }) => (url.includes(part) && method === 'GET' ? fault : undefined)
}

describe('an answer that says no', () => {
  const html = { 'content-type': 'text/html; charset=utf-8' }
  it.each<[RegistryFault, string, object]>([
    [{ status: 403 }, 'E_REG_DENIED', { status: 403 }],
    [{ status: 404 }, 'E_REG_NOT_FOUND', { status: 404 }],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'E_REG_RATE', { status: 429, retryAfter: 7 }],
    [{ status: 500 }, 'E_REG_SERVER', { status: 500 }],
    [{ status: 503 }, 'E_REG_SERVER', { status: 503 }],
    [{ status: 408 }, 'E_REG_SERVER', { status: 408 }],
    [{ status: 418 }, 'E_REG_REFUSED', { status: 418 }],
    [{ status: 200, body: '<html>log in', headers: html }, 'E_REG_NOT_A_REGISTRY', {}],
    [{ status: 404, body: '<html>', headers: html }, 'E_REG_NOT_FOUND', { errors: [] }],
  ])('%j is %s', async (fault, code, data) => {
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = () => fault
    await expect(pull()).rejects.toMatchObject({
      code,
      category: 'network',
      data: { host: registry.host, ...data },
    })
    expect(await blobs()).toEqual([])
  })

  it('is quoted, with nothing in it that a terminal would obey, and cut', async () => {
    const message = '\u001b]52;c;ZXZpbA==\u0007\u202egnp.exe\r\nfake line'
    const errors = [{ code: 'DENIED', message, detail: { 'x\u001b[31m': 'y'.repeat(100_000) } }]
    faulty('manifests', { status: 403, body: JSON.stringify({ errors }) })
    registry.fault = () => ({ status: 403, body: JSON.stringify({ errors }) })
    const error = (await pull().catch((thrown: unknown) => thrown)) as Error & { data: object }
    expect(error.message).toContain('DENIED')
    expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(error.message.length).toBeLessThan(1500)
    expect(JSON.stringify(error.data)).not.toMatch(/[\x1b\u202e]/)
  })

  it('without end is read no further than a megabyte', async () => {
    registry.fault = () => ({ status: 403, body: 'endless' })
    await expect(pull()).rejects.toMatchObject({ code: 'E_REG_DENIED' })
  })

  it('is waited for as long as it asks, within bounds, and the call is told', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    const date = new Date(Date.now() + 30_000).toUTCString()
    const asked = ['3', '1000000000', date, 'soon']
    registry.fault = ({ method }) => {
      const retryAfter = method === 'HEAD' ? asked.shift() : undefined
      return retryAfter === undefined ? undefined : { status: 429, headers: { 'retry-after': retryAfter } }
    }
    await pull()
    expect(waited.slice(0, 2)).toEqual([3000, 60_000])
    expect(waited[2]).toBeGreaterThan(20_000)
    expect(waited[2]).toBeLessThanOrEqual(31_000)
    const told = events.flatMap((event) => (event.kind === 'retry' ? [event.wait] : []))
    expect(told).toEqual(waited)
    expect(events[0]).toMatchObject({ kind: 'retry', code: 'E_REG_RATE', tried: 1, host: registry.host })
  })

  it('that passes is tried again, five times at most', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    let count = 0
    registry.fault = ({ method }) => (method === 'HEAD' && count++ < 4 ? { status: 502 } : undefined)
    await pull()
    registry.requests.length = 0
    registry.fault = () => ({ status: 502 })
    await expect(pull('a:2')).rejects.toMatchObject({ code: 'E_REG_SERVER' })
    expect(registry.requests).toHaveLength(5)
  })

  it('with a warning is shown once', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = () => ({
      headers: { warning: '299 - "leave \\"soon\\"\u001b", 299 - "two"'.replace('\u001b', '') },
    })
    await pull()
    const told = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))
    expect(told).toEqual(['leave "soon"', 'two'])
  })
})

describe('a redirect', () => {
  it.each([
    ['/v2/a/manifests/1', 11],
    ['file:///etc/passwd', 1],
    ['http://', 1],
    ['gopher://x/', 1],
  ])('to %s is E_REG_REDIRECT with its chain', async (location, hops) => {
    registry.fault = () => ({ status: 302, headers: { location } })
    const error = await pull().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'E_REG_REDIRECT' })
    expect((error as { data: { chain: string[] } }).data.chain).toHaveLength(hops)
  })

  it('of an upload by 302 is refused, by 307 followed', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    await pull()
    const reference = parseReference(`${registry.host}/b:1`)
    const { root } = await client.pull(parseReference(`${registry.host}/a:1`), {
      store: store.blobs,
      platforms: [AMD64],
    })
    const content = storeContent(store.blobs)
    let status = 302
    registry.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('/blobs/') && !url.includes('moved')
        ? { status, headers: { location: `${url}&moved` } }
        : undefined
    await expect(client.push(reference, { root, content })).rejects.toMatchObject({ code: 'E_REG_REDIRECT' })
    status = 307
    expect((await client.push(reference, { root, content })).blobs.uploaded).toBe(2)
  })
})

describe('a blob', () => {
  const size = 6 * MiB
  let image: AddedImage
  let content: Buffer
  beforeEach(() => {
    image = addImage(registry.storage, 'a', { tag: '1', layers: [size] })
    content = registry.storage.blob('a', image.layers[0]!.digest)!
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
    faulty(image.layers[0]!.digest, fault())
    await expect(pull()).rejects.toMatchObject({ code, category: 'network', data })
    expect(await blobs()).not.toContain(image.layers[0]!.digest)
    registry.fault = undefined
    await pull()
    expect(await blobs()).toContain(image.layers[0]!.digest)
  })

  it('that ends early twice is refused', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    registry.fault = ({ url, headers: { range } }) =>
      url.includes(image.layers[0]!.digest)
        ? { body: range === undefined ? content.subarray(0, 5 * MiB) : '', headers }
        : undefined
    await expect(pull()).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
      data: { expected: size, found: 5 * MiB, host: registry.host },
    })
    expect(await blobs()).not.toContain(image.layers[0]!.digest)
  })

  it('that ends early is resumed once', async () => {
    let count = 0
    registry.fault = ({ url }) =>
      url.includes(image.layers[0]!.digest) && count++ === 0
        ? { body: content.subarray(0, 5 * MiB), headers: { 'transfer-encoding': 'chunked' } }
        : undefined
    await pull()
    expect(registry.requests.at(-1)?.headers.range).toBe(`bytes=${5 * MiB}-`)
  })

  it('that falls silent is E_TIMEOUT, and what came is kept', async () => {
    client = makeClient({ timeouts: { stall: 200 } })
    registry.fault = ({ url, headers: { range } }) =>
      url.includes(image.layers[0]!.digest) ? { stallAt: range === undefined ? 5 * MiB : 0 } : undefined
    await expect(pull()).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      data: { phase: 'body', bytes: expect.any(Number) },
      message: expect.stringContaining('0.2 seconds'),
    })
    registry.fault = undefined
    await pull()
    expect(events).toContainEqual(expect.objectContaining({ kind: 'blob', outcome: 'resumed' }))
  })

  it('whose connection breaks again and again is E_CONNECT', async () => {
    faulty(image.layers[0]!.digest, { cutAt: 0 })
    await expect(pull()).rejects.toMatchObject({ code: 'E_CONNECT', data: { failure: 'reset', bytes: 0 } })
    expect(waited.length).toBeGreaterThan(2)
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
      registry.storage.addManifest('a', { bytes, mediaType: MediaType.ociManifest }, 'bad')
      registry.requests.length = 0
      await expect(pull('a:bad')).rejects.toMatchObject({
        code: expect.stringMatching(/^E_(MANIFEST|DIGEST)$/),
      })
      expect(registry.requests.every(({ url }) => !url.includes('..'))).toBe(true)
    }
  })

  it('named by sha512 is checked by it', async () => {
    const { createHash } = await import('node:crypto')
    const bytes = randomBytes(5000)
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`
    registry.storage.addBlob('a', bytes, digest)
    const layer = { mediaType: MediaType.ociLayer, digest, size: 5000 }
    await client.fetchBlob(parseReference(`${registry.host}/a:1`), layer, { store: store.blobs })
    expect(await blobs()).toContain(digest)
    faulty(digest, { body: randomBytes(5000) })
    await store.blobs.remove(digest as `sha512:${string}`)
    const again = client.fetchBlob(parseReference(`${registry.host}/a:1`), layer, { store: store.blobs })
    await expect(again).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
  })
})

describe('a manifest', () => {
  let image: AddedImage
  beforeEach(() => {
    image = addImage(registry.storage, 'a', { tag: 'good', layers: [10] })
  })

  function put(document: object | string, mediaType: string = MediaType.ociManifest): void {
    const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
    registry.storage.addManifest('a', { bytes, mediaType }, '1')
  }

  it.each<[string, (manifest: object) => object | string, string]>([
    ['no config', (m) => ({ ...m, config: undefined }), 'E_MANIFEST'],
    ['layers that are null', (m) => ({ ...m, layers: null }), 'E_MANIFEST'],
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
    const manifest = JSON.parse(registry.storage.manifest('a', 'good')!.bytes.toString()) as object
    put(change(manifest))
    await expect(pull()).rejects.toMatchObject({ code })
    expect(await blobs()).toEqual([])
  })

  it('that one calls an index and the other an image is refused, whoever says it', async () => {
    const bytes = registry.storage.manifest('a', 'good')!.bytes.toString()
    put(bytes, MediaType.ociIndex)
    await expect(pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    put(bytes, MediaType.dockerManifest)
    await expect(pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    const entry = { ...image.descriptor, mediaType: MediaType.dockerManifest, platform: AMD64 }
    addIndex(registry.storage, 'a', { manifests: [entry], tag: '1' })
    await expect(pull()).rejects.toMatchObject({ code: 'E_MANIFEST_AMBIGUOUS' })
    put({ schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
    await expect(pull()).rejects.toMatchObject({ code: 'E_SCHEMA1' })
  })

  it('without a media type of its own is what the server says', async () => {
    const manifest = JSON.parse(registry.storage.manifest('a', 'good')!.bytes.toString())
    put({ ...manifest, mediaType: undefined })
    await pull()
    faulty('manifests', { headers: { 'content-type': 'application/octet-stream' } })
    await pull(`a@${registry.storage.manifest('a', '1')!.digest}`)
  })

  it.each<[string, RegistryFault, string]>([
    ['other bytes', { body: '{"schemaVersion":2}' }, 'E_DIGEST_MISMATCH'],
    ['no end', { body: 'endless' }, 'E_LIMIT'],
    ['4 MiB and a byte', { body: Buffer.alloc(4 * MiB + 1) }, 'E_LIMIT'],
    ['compression', { headers: { 'content-encoding': 'gzip' } }, 'E_REG_ENCODING'],
  ])('with %s is refused', async (_, fault, code) => {
    addImage(registry.storage, 'a', { tag: '1' })
    faulty('/manifests/', fault)
    await expect(pull()).rejects.toMatchObject({ code })
    expect(await blobs()).toEqual([])
  })

  it('in an index has the size that the index says', async () => {
    for (const [size, code] of [
      [image.descriptor.size + 1, 'E_SIZE_MISMATCH'],
      [image.descriptor.size - 1, 'E_SIZE_MISMATCH'],
      [5 * MiB, 'E_LIMIT'],
    ] as const) {
      addIndex(registry.storage, 'a', { manifests: [{ ...image.descriptor, size }], tag: '1' })
      await expect(pull()).rejects.toMatchObject({ code })
    }
  })

  it('whose digest the server gets wrong, or does not say, is judged by its bytes', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = () => ({ headers: { 'docker-content-digest': digestOf('other') } })
    await expect(pull()).rejects.toMatchObject({ code: 'E_REG_NOT_FOUND' })
    registry.fault = ({ method }) =>
      method === 'HEAD' ? { status: 405 } : { headers: { 'docker-content-digest': digestOf('other') } }
    await expect(pull()).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
    for (const header of ['', 'sha256:../x', 'md5:00']) {
      registry.fault = ({ url }) =>
        url.includes('/manifests/1') ? { headers: { 'docker-content-digest': header } } : undefined
      await pull()
    }
  })

  it('that the server calls JSON is what it says itself', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    const headers = { 'content-type': 'application/json' }
    registry.fault = ({ url }) => (url.includes('/manifests/') ? { headers } : undefined)
    await pull()
    expect(await client.head(parseReference(`${registry.host}/a:1`))).toMatchObject({
      mediaType: MediaType.ociManifest,
    })
  })

  it('is found by GET where the server knows no HEAD', async () => {
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = ({ method }) => (method === 'HEAD' ? { status: 405 } : undefined)
    await pull()
    expect(await client.head(parseReference(`${registry.host}/a:1`))).toMatchObject({
      digest: registry.storage.manifest('a', '1')!.digest,
    })
  })

  it('in indexes without end is refused', async () => {
    let inner = addIndex(registry.storage, 'a', { manifests: [image.descriptor] })
    for (let depth = 0; depth < 20; depth++)
      inner = addIndex(registry.storage, 'a', { manifests: [inner], tag: '1' })
    await expect(pull()).rejects.toMatchObject({ code: 'E_LIMIT' })
    const all = client.pull(parseReference(`${registry.host}/a:1`), { store: store.blobs, platforms: 'all' })
    await expect(all).rejects.toMatchObject({ code: 'E_LIMIT' })
  })

  it('without our platform says which there are', async () => {
    addIndex(registry.storage, 'a', { manifests: [], tag: '1' })
    await expect(pull()).rejects.toMatchObject({ code: 'E_PLATFORM', data: { available: [] } })
    const platform = { os: 'linux', architecture: 'arm', variant: 'v8' }
    addIndex(registry.storage, 'a', { manifests: [{ ...image.descriptor, platform }], tag: '1' })
    await expect(pull()).rejects.toMatchObject({ code: 'E_PLATFORM', data: { available: ['linux/arm/v8'] } })
  })

  it.each<[string, object | string, string]>([
    ['a rootfs of another type', { rootfs: { type: 'x', diff_ids: [] } }, 'E_CONFIG'],
    ['no rootfs', { rootfs: undefined }, 'E_CONFIG'],
    ['other layers', { rootfs: { type: 'layers', diff_ids: [] } }, 'E_DIFFID'],
    ['no JSON', 'text', 'E_CONFIG'],
  ])('with a config that has %s is refused', async (_, change, code) => {
    const good = JSON.parse(registry.storage.blob('a', image.config.digest)!.toString())
    const bytes = Buffer.from(typeof change === 'string' ? change : JSON.stringify({ ...good, ...change }))
    const config = { ...image.config, digest: registry.storage.addBlob('a', bytes), size: bytes.length }
    put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: image.layers })
    await expect(pull()).rejects.toMatchObject({ code })
  })

  it('brings content along, which is used if it is right', async () => {
    const bytes = registry.storage.blob('a', image.config.digest)!
    const data = bytes.toString('base64')
    const wrong = Buffer.alloc(bytes.length).toString('base64')
    for (const [embedded, requests] of [
      [data, 0],
      [wrong, 1],
    ] as const) {
      const config = { ...image.config, data: embedded }
      put({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: image.layers })
      await store.blobs.remove(image.config.digest as `sha256:${string}`)
      registry.requests.length = 0
      await pull()
      expect(registry.requests.filter(({ url }) => url.includes(image.config.digest))).toHaveLength(requests)
    }
  })
})

describe('a server that cannot be reached', () => {
  async function withServer(answer: (server: Server) => void, check: (host: string) => Promise<void>) {
    const server = createServer()
    answer(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await check(`127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
  }
  const resolve = (host: string, from = client) =>
    from.head(parseReference(`${host}/a:1`), { onEvent: (event) => events.push(event) })

  it('is none: E_REF', async () => {
    await expect(client.head(parseReference('ho_st.com/a'))).rejects.toMatchObject({ code: 'E_REF' })
  })

  it('is E_CONNECT, at once: nobody was ever there', async () => {
    await expect(resolve('127.0.0.1:1')).rejects.toMatchObject({ code: 'E_CONNECT', category: 'network' })
    expect(waited).toEqual([])
  })

  it('has no name: E_DNS', async () => {
    await expect(resolve('nowhere.invalid')).rejects.toMatchObject({
      code: 'E_DNS',
      data: { host: 'nowhere.invalid' },
      hint: expect.any(String),
    })
  })

  it('is not http: E_REG_PROTOCOL', async () => {
    await withServer(
      (server) => server.on('connection', (socket) => socket.on('error', () => {}).end('SSH-2.0-x\r\n')),
      async (host) => {
        await expect(resolve(host)).rejects.toMatchObject({ code: 'E_REG_PROTOCOL' })
      },
    )
  })

  it('says nothing: E_TIMEOUT with the phase', async () => {
    client = makeClient({ timeouts: { head: 150, connect: 150 }, tries: 1 })
    registry.fault = () => ({ mute: true })
    await expect(pull()).rejects.toMatchObject({ code: 'E_TIMEOUT', data: { phase: 'head' } })
  })

  it('speaks no TLS: E_TLS, and http is not tried', async () => {
    const tls = createRegistryClient({
      endpoints: async () => [
        {
          origin: `https://${registry.host}`,
          repository: 'a',
          isMirror: false,
          capabilities: new Set(['pull', 'resolve'] as const),
          credentialKey: 'x',
        },
      ],
    })
    await expect(resolve(registry.host, tls)).rejects.toMatchObject({
      code: 'E_TLS',
      hint: expect.stringContaining('http'),
    })
    expect(registry.requests).toEqual([])
    await tls[Symbol.asyncDispose]()
  })

  it('is behind a proxy that is not there, refuses, or is of an unknown kind: E_PROXY', async () => {
    const through = (proxy: string) =>
      makeClient({
        environment: { HTTPS_PROXY: proxy },
        tries: 1,
        endpoints: async () => [
          {
            origin: 'https://registry.example',
            repository: 'a',
            isMirror: false,
            capabilities: new Set(['pull', 'resolve'] as const),
            credentialKey: 'x',
          },
        ],
      })
    for (const proxy of ['http://me:canary@127.0.0.1:1', registry.origin, 'socks5://me:canary@127.0.0.1:1']) {
      const error = await resolve('registry.example', through(proxy)).catch((thrown: unknown) => thrown)
      expect(error, proxy).toMatchObject({ code: 'E_PROXY', hint: expect.stringContaining('NO_PROXY') })
      expect(String(error)).not.toContain('canary')
    }
  })
})

describe('a push that is refused', () => {
  async function push(): Promise<unknown> {
    addImage(registry.storage, 'a', { tag: '1', layers: [1000] })
    const reference = parseReference(`${registry.host}/a:1`)
    const { root } = await client.pull(reference, { store: store.blobs, platforms: [AMD64] })
    const content = storeContent(store.blobs)
    return client.push(parseReference(`${registry.host}/b:1`), { root, content })
  }

  it('because an upload has no place', async () => {
    registry.fault = ({ method }) => (method === 'POST' ? { status: 202 } : undefined)
    await expect(push()).rejects.toMatchObject({
      code: 'E_PUSH',
      message: expect.stringContaining('where to'),
    })
  })

  it('with words of the registry', async () => {
    const errors = [{ code: 'MANIFEST_INVALID', message: 'no\u001b[2J', detail: { field: 'x' } }]
    registry.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('/manifests/')
        ? { status: 400, body: JSON.stringify({ errors }) }
        : undefined
    const error = (await push().catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'E_PUSH', data: { status: 400 } })
    expect(error.message).toMatch(/MANIFEST_INVALID: no\\u001b\[2J: \{"field":"x"\}$/)
  })

  it('by storing something else', async () => {
    const headers = { 'docker-content-digest': digestOf('other') }
    for (const path of ['/blobs/uploads/', '/manifests/']) {
      registry.fault = ({ method, url }) => (method === 'PUT' && url.includes(path) ? { headers } : undefined)
      await expect(push()).rejects.toMatchObject({
        code: 'E_DIGEST_MISMATCH',
        data: { found: digestOf('other') },
      })
    }
  })

  it('by a blob of another size under its digest', async () => {
    registry.fault = ({ method, url }) =>
      method === 'HEAD' && url.includes('/blobs/')
        ? { status: 200, headers: { 'content-length': '7' } }
        : undefined
    await expect(push()).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH', data: { found: 7 } })
  })
})

function replaced(manifest: object, field: string, literal: string): string {
  return JSON.stringify(manifest).replace(new RegExp(`"${field}":\\d+`), `"${field}":${literal}`)
}
