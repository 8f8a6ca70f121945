import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  AMD64,
  attempt,
  BASIC,
  CANARY,
  everything,
  expectNothing,
  makeClient,
  PASSWORD,
  start,
  TOKEN,
} from '../../../../test/registry-canary.js'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { digestOf } from '../digest.js'
import { MediaType } from '../image/types.js'
import { addImage, type LoopbackRegistry, type RegistryFault } from '../testing/index.js'
import { storeContent } from './content.js'
import { createRegistryClient } from './create-registry-client.js'
import type { Credential } from './credential.js'
import type { RegistryEvent } from './events.js'
import { parseReference } from './reference.js'

/** Where nothing secret must ever arrive. */
let stranger: LoopbackRegistry
beforeEach(async () => {
  stranger = await start()
})

const toStranger = (path: string): RegistryFault => ({
  status: 307,
  headers: { location: `${stranger.origin}${path}` },
})

describe.each([BASIC, TOKEN])('a registry with $kind', (auth) => {
  it('is told who asks when it wants to know, and not before', async () => {
    const registry = await start(auth)
    addImage(registry.storage, 'a', { tag: '1', layers: [10, 20] })
    expect(await attempt(registry)).toBeUndefined()
    expect(registry.requests[0]!.headers.authorization).toBeUndefined()
    const refused = registry.requests.filter(({ headers }) => headers.authorization === undefined)
    expect(refused).toHaveLength(1)
  })

  it('that sends elsewhere for a blob lets nobody else know', async () => {
    const registry = await start(auth)
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [1000] })
    const { digest } = layers[0]!
    stranger.storage.addBlob('elsewhere', registry.storage.blob('a', digest)!)
    registry.fault = ({ url }) =>
      url.includes(digest) ? toStranger(`/v2/elsewhere/blobs/${digest}?signature=x`) : undefined
    expect(await attempt(registry)).toBeUndefined()
    expect(stranger.requests).toHaveLength(1)
    expectNothing(stranger)
  })

  it('to which a stranger leads back is not told again', async () => {
    const registry = await start(auth)
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [1000] })
    const { digest } = layers[0]!
    registry.fault = ({ url }) => (url.endsWith(digest) ? toStranger('/back') : undefined)
    stranger.fault = () => ({ status: 307, headers: { location: `${registry.origin}/v2/a/blobs/steal` } })
    expect(await attempt(registry)).toMatchObject({ code: 'E_REG_DENIED' })
    const back = registry.requests.find(({ url }) => url.endsWith('/steal'))
    expect(back?.headers.authorization).toBeUndefined()
  })

  it('whose stranger asks who asks is told nothing', async () => {
    const registry = await start(auth)
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [1000] })
    registry.fault = ({ url }) => (url.endsWith(layers[0]!.digest) ? toStranger('/blob') : undefined)
    for (const challenge of ['Basic realm="x"', `Bearer realm="${stranger.origin}/token",service="s"`]) {
      stranger.fault = () => ({ status: 401, headers: { 'www-authenticate': challenge } })
      expect(await attempt(registry)).toMatchObject({ code: 'E_REG_DENIED', data: { host: stranger.host } })
    }
    expect(stranger.requests.every(({ url }) => url === '/blob')).toBe(true)
    expectNothing(stranger)
  })

  it('that wants an upload to go elsewhere gets it there, and nobody there knows who it is from', async () => {
    const registry = await start(auth)
    const source = await start()
    addImage(source.storage, 'a', { tag: '1', layers: [1000] })
    await using client = makeClient()
    const store = new MemoryBlobStore()
    const pulled = await client.pull(parseReference(`${source.host}/a:1`), { store, platforms: [AMD64] })
    const id = () => stranger.storage.beginUpload('storage')
    registry.fault = ({ method, url, headers }) =>
      method === 'POST' && url.includes('/blobs/uploads/') && headers.authorization !== undefined
        ? {
            status: 202,
            headers: { location: `${stranger.origin}/v2/storage/blobs/uploads/${id()}?key=x%2Fy` },
          }
        : undefined
    const { root } = pulled
    const events: RegistryEvent[] = []
    const pushing = client.push(parseReference(`${registry.host}/b:1`), {
      root,
      content: storeContent(store),
      onEvent: (event) => events.push(event),
    })
    // It never gave the blobs to the registry, which therefore refuses the manifest.
    await expect(pushing).rejects.toMatchObject({ code: 'E_PUSH', message: /MANIFEST_BLOB_UNKNOWN/ })
    expect(stranger.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2)
    expect(stranger.requests[0]!.url).toMatch(/\?key=x%2Fy&digest=sha256%3A/)
    expectNothing(stranger)
    expect(JSON.stringify(events)).not.toContain(CANARY)
  })

  it('that refuses is not asked for ever, and the error names no secret', async () => {
    const registry = await start(auth)
    addImage(registry.storage, 'a', { tag: '1' })
    const wrong: Credential = { kind: 'password', username: 'me', password: `wrong-${CANARY}` }
    const error = await attempt(registry, wrong)
    expect(error).toMatchObject({ code: 'E_REG_DENIED', hint: expect.stringContaining('cooper login') })
    expect(registry.requests.length).toBeLessThan(5)
  })
})

describe.each([BASIC, TOKEN])('a registry with $kind that repeats what it was told', (auth) => {
  /** The header, what it holds, and what that says. */
  const said = (told: string) => {
    const [scheme, credentials = ''] = told.split(' ')
    const decoded = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString() : ''
    return [told, encodeURIComponent(told), credentials, decoded].join(' | ')
  }
  const wire = (message: string) => JSON.stringify({ errors: [{ code: 'X', message, detail: { message } }] })
  const answers: [string, (told: string) => RegistryFault][] = [
    ['errors', (told) => ({ status: 403, body: wire(said(told)) })],
    ['text', (told) => ({ status: 400, body: said(told), headers: { 'content-type': 'text/plain' } })],
    ['a warning', (told) => ({ status: 418, headers: { warning: `299 - "${said(told)}"` } })],
    ['a redirect', (told) => ({ status: 302, headers: { location: `/${encodeURIComponent(said(told))}` } })],
    [
      'a challenge',
      (told) => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${said(told)}"` } }),
    ],
    ['an encoding', (told) => ({ status: 200, headers: { 'content-encoding': told.split(' ')[1]! } })],
  ]
  it.each(answers)('in %s is quoted without it', async (_, answer) => {
    const registry = await start(auth)
    addImage(registry.storage, 'a', { tag: '1' })
    const told: string[] = []
    registry.fault = ({ url, headers }) => {
      const { authorization } = headers
      if (typeof authorization !== 'string' || url.startsWith('/token')) return undefined
      told.push(authorization)
      return answer(authorization)
    }
    const text = await everything(registry)
    for (const secret of [told[0]!.split(' ')[1]!, CANARY]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(encodeURIComponent(secret))
    }
    expect(text).toContain('***')
  })
})

it.each<Credential>([PASSWORD, { kind: 'identity', token: `id"+/ ${CANARY}` }])(
  'a token server that repeats what it was told by $kind is quoted without it',
  async (credential) => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    const secret = credential.kind === 'password' ? credential.password : credential.token
    registry.fault = ({ url, headers }) => {
      if (!url.startsWith('/token')) return undefined
      const detail = { headers, form: String(new URLSearchParams({ secret })), read: [secret] }
      return { status: 403, body: JSON.stringify({ errors: [{ code: 'X', message: 'no', detail }] }) }
    }
    const text = await everything(registry, credential)
    expect(text).not.toContain(CANARY)
    expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(10, 30))
    expect(text).toContain('***')
  },
)

describe('a realm', () => {
  const hosts = [
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://10.0.0.1/token',
    'https://[fd00::1]/token',
    'https://[::ffff:127.0.0.1]/token',
    'https://0xa9fea9fe/token',
    'https://2852039166/token',
    'https://localhost/token',
    'https://a.localhost/token',
    'http://auth.example/token',
    'file:///etc/passwd',
    'not a url',
    'https://user:pass@auth.example/token',
  ]
  it.each(hosts)('of %s is refused', async (realm) => {
    const registry = await start()
    registry.fault = () => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${realm}",service="s"` },
    })
    expect(await attempt(registry)).toMatchObject({ code: 'E_AUTH_REALM', category: 'network' })
    expectNothing(registry)
  })

  it.each([PASSWORD, { kind: 'identity', token: `id-${CANARY}` } as const])(
    'that leads elsewhere with %o is not followed',
    async (credential) => {
      const registry = await start(TOKEN)
      addImage(registry.storage, 'a', { tag: '1' })
      for (const status of [302, 307, 308]) {
        registry.fault = ({ url }) =>
          url.startsWith('/token') ? { status, headers: { location: `${stranger.origin}/token` } } : undefined
        expect(await attempt(registry, credential)).toMatchObject({ code: 'E_AUTH_REALM' })
      }
      expect(stranger.requests).toEqual([])
    },
  )
})

describe('a challenge', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer service="s"',
    'Bearer realm=',
    'Negotiate',
    'Digest realm="x", nonce="y"',
    '=,=,"',
    `Bearer ${'a="b",'.repeat(2000)}`,
  ])('of %j is E_AUTH_CHALLENGE', async (header) => {
    const registry = await start()
    registry.fault = () => ({
      status: 401,
      headers: header === undefined ? {} : { 'www-authenticate': header },
    })
    expect(await attempt(registry)).toMatchObject({ code: 'E_AUTH_CHALLENGE', data: { status: 401 } })
    expectNothing(registry)
  })
})

describe('a mirror', () => {
  it('is never told what the registry would be told', async () => {
    const registry = await start(BASIC)
    addImage(registry.storage, 'a', { tag: '1', layers: [10] })
    stranger.fault = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } })
    const capabilities = new Set(['pull', 'resolve', 'push'] as const)
    const common = { repository: 'a', capabilities }
    await using client = createRegistryClient({
      endpoints: async (repository) => [
        { ...common, origin: stranger.origin, isMirror: true, credentialKey: `${stranger.host}/a` },
        { ...common, origin: registry.origin, isMirror: false, credentialKey: repository },
      ],
      credentials: async (repository) => (repository.startsWith(registry.host) ? PASSWORD : undefined),
    })
    const reference = parseReference(`${registry.host}/a:1`)
    const seen: RegistryEvent[] = []
    await client.pull(reference, {
      store: new MemoryBlobStore(),
      platforms: [AMD64],
      onEvent: (event) => seen.push(event),
    })
    expect(seen).toContainEqual(expect.objectContaining({ kind: 'passed-over', host: stranger.host }))
    expect(stranger.requests.length).toBeGreaterThan(0)
    expectNothing(stranger)
  })

  it('that gives something else is passed over, and what is asked by digest is right', async () => {
    const registry = await start()
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [1000] })
    stranger.fault = ({ url }) =>
      url.includes('/blobs/') ? { status: 200, body: randomBytes(1000) } : undefined
    const capabilities = new Set(['pull'] as const)
    await using client = createRegistryClient({
      endpoints: async (repository) => [
        { origin: stranger.origin, repository: 'a', isMirror: true, capabilities, credentialKey: 'x' },
        { origin: 'http://127.0.0.1:1', repository: 'a', isMirror: true, capabilities, credentialKey: 'x' },
        {
          origin: registry.origin,
          repository: 'a',
          isMirror: false,
          capabilities: new Set(['pull', 'resolve'] as const),
          credentialKey: repository,
        },
      ],
    })
    const store = new MemoryBlobStore()
    const seen: RegistryEvent[] = []
    const reference = parseReference(`${registry.host}/a:1`)
    await client.pull(reference, { store, platforms: [AMD64], onEvent: (event) => seen.push(event) })
    expect(stranger.requests.some(({ method }) => method === 'HEAD')).toBe(false)
    expect(seen.filter((event) => event.kind === 'passed-over' && event.code === 'E_CONNECT')).toHaveLength(1)
    expect(
      seen.filter((event) => event.kind === 'passed-over' && event.code === 'E_DIGEST_MISMATCH'),
    ).not.toEqual([])
    expect(await store.stat(layers[0]!.digest as `sha256:${string}`)).toBeDefined()
  })
})

describe('a foreign layer', () => {
  async function withForeign(registry: LoopbackRegistry, bytes: Buffer) {
    const config = addImage(registry.storage, 'a').config
    const layer = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: digestOf(bytes),
      size: bytes.length,
      urls: [`${stranger.origin}/gone`, `${stranger.origin}/v2/vendor/blobs/${digestOf(bytes)}`],
    }
    const manifest = { schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: [layer] }
    const mediaType = MediaType.ociManifest
    registry.storage.addManifest('a', { bytes: Buffer.from(JSON.stringify(manifest)), mediaType }, '1')
    return layer
  }

  it('is fetched from where it says only by whoever allows it, and nobody there knows who', async () => {
    const registry = await start(BASIC)
    const bytes = randomBytes(1000)
    const layer = await withForeign(registry, bytes)
    stranger.storage.addBlob('vendor', bytes)
    expect(await attempt(registry)).toMatchObject({
      code: 'E_FOREIGN_LAYER',
      data: { hosts: [stranger.host] },
    })
    expect(stranger.requests).toEqual([])
    await using client = makeClient()
    const store = new MemoryBlobStore()
    const reference = parseReference(`${registry.host}/a:1`)
    await client.pull(reference, { store, platforms: [AMD64], foreignLayers: true })
    expect(await store.stat(layer.digest)).toBeDefined()
    expectNothing(stranger)
    stranger.fault = () => ({ status: 200, body: randomBytes(1000) })
    const again = client.pull(reference, {
      store: new MemoryBlobStore(),
      platforms: [AMD64],
      foreignLayers: true,
    })
    await expect(again).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH', data: { host: stranger.host } })
  })

  it('that the registry has comes from there', async () => {
    const registry = await start(BASIC)
    const bytes = randomBytes(1000)
    await withForeign(registry, bytes)
    registry.storage.addBlob('a', bytes)
    expect(await attempt(registry)).toBeUndefined()
  })
})
