import { describe, expect, it } from 'vitest'
import {
  AMD64,
  attempt,
  BASIC,
  CANARY,
  makeClient,
  PASSWORD,
  start,
  TOKEN,
} from '../../../../../test/registry-canary.js'
import { MemoryBlobStore } from '../../blobs/memory-blob-store.js'
import { addImage, type LoopbackRegistry } from '../../testing/index.js'
import { createRegistryClient } from '../create-registry-client.js'
import type { Credential } from '../credential.js'
import { parseReference } from '../reference.js'

/** A token that lets its bearer pull `a`. */
function tokenOf(registry: LoopbackRegistry): string {
  const query = new URLSearchParams({ scope: 'repository:a:pull' })
  const { body } = registry.access.token('GET', query, `Basic ${btoa(`me:${CANARY}`)}`)
  return (JSON.parse(String(body)) as { token: string }).token
}

describe('a token server', () => {
  it.each([
    ['no token', '{"expires_in":300}'],
    ['an empty token', '{"token":""}'],
    ['a token with a line end', '{"token":"a\\r\\nX-Evil: 1"}'],
    ['a token that is a number', '{"token":7}'],
    ['a time that is text', `{"token":"${CANARY}","expires_in":"300"}`],
    ['two megabytes', `{"token":"${'a'.repeat(2 << 20)}"}`],
    ['no JSON', '<html>'],
    ['a list', '[]'],
    ['a bad refresh token', `{"token":"${CANARY}","refresh_token":7}`],
    ['no end', 'endless'],
  ])('that gives %s is E_AUTH_TOKEN', async (_, body) => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = ({ url }) => (url.startsWith('/token') ? { status: 200, body } : undefined)
    expect(await attempt(registry)).toMatchObject({ code: 'E_AUTH_TOKEN', category: 'network' })
  })

  it.each<[string, (token: string) => object]>([
    ['no refresh token by null', (token) => ({ token, refresh_token: null })],
    ['its token as access_token, and null beside it', (token) => ({ token: null, access_token: token })],
    ['no time by null', (token) => ({ token, expires_in: null })],
    ['a time that has been', (token) => ({ token, expires_in: -1 })],
  ])('may give %s', async (_, answer) => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    const body = JSON.stringify(answer(tokenOf(registry)))
    registry.fault = ({ url }) => (url.startsWith('/token') ? { status: 200, body } : undefined)
    expect(await attempt(registry)).toBeUndefined()
    expect(registry.requests.filter(({ url }) => url.startsWith('/token'))).toHaveLength(1)
  })

  it('that fails is asked as often as a request is tried, and no more', async () => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    registry.fault = ({ url }) => (url.startsWith('/token') ? { status: 503 } : undefined)
    expect(await attempt(registry)).toMatchObject({ code: 'E_REG_SERVER' })
    expect(registry.requests.filter(({ url }) => url.startsWith('/token'))).toHaveLength(5)
  })

  it('may be another for each repository of a host', async () => {
    const registry = await start()
    for (const name of ['alpha', 'beta']) addImage(registry.storage, name, { tag: '1' })
    registry.fault = ({ url, headers }) => {
      const name = /^\/(?:v2|token)\/(alpha|beta)/.exec(url)?.[1] ?? ''
      if (url.startsWith('/token/')) return { status: 200, body: JSON.stringify({ token: name }) }
      if (headers.authorization === `Bearer ${name}`) return undefined
      const challenge = `Bearer realm="${registry.origin}/token/${name}",service="${name}"`
      return { status: 401, headers: { 'www-authenticate': challenge } }
    }
    await using client = makeClient()
    for (const name of ['alpha', 'beta', 'alpha', 'beta']) {
      const found = await client.manifest(parseReference(`${registry.host}/${name}:1`))
      expect(found.manifest).toBeDefined()
    }
    expect(registry.requests.filter(({ url }) => url.startsWith('/token/'))).toHaveLength(3)
  })

  it('may call its token access_token, and give it less than a minute', async () => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    const body = JSON.stringify({ access_token: tokenOf(registry), expires_in: 1 })
    registry.fault = ({ url }) => (url.startsWith('/token') ? { status: 200, body } : undefined)
    expect(await attempt(registry)).toBeUndefined()
    expect(registry.requests.filter(({ url }) => url.startsWith('/token'))).toHaveLength(1)
  })

  it('is asked by POST with an identity token, and by GET where it knows no POST', async () => {
    const identity: Credential = { kind: 'identity', token: `id-${CANARY}` }
    for (const method of ['POST', 'GET'] as const) {
      const registry = await start({ ...TOKEN, method })
      addImage(registry.storage, 'a', { tag: '1' })
      expect(await attempt(registry, identity)).toBeUndefined()
      const asked = registry.requests
        .filter(({ url }) => url.startsWith('/token'))
        .map(({ method: how }) => how)
      expect(asked).toEqual(method === 'POST' ? ['POST'] : ['POST', 'GET'])
    }
  })

  it('is asked by GET with a password, and by POST where it knows no GET', async () => {
    for (const method of ['POST', 'GET'] as const) {
      const registry = await start({ ...TOKEN, method })
      addImage(registry.storage, 'a', { tag: '1' })
      expect(await attempt(registry)).toBeUndefined()
      const asked = registry.requests
        .filter(({ url }) => url.startsWith('/token'))
        .map(({ method: how }) => how)
      expect(asked).toEqual(method === 'GET' ? ['GET'] : ['GET', 'POST'])
    }
  })

  it('is asked once by many, and again when the token is called back', async () => {
    const registry = await start(TOKEN)
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [10, 20, 30, 40, 50, 60] })
    await using client = makeClient()
    const reference = parseReference(`${registry.host}/a:1`)
    const tokens = () => registry.requests.filter(({ url }) => url.startsWith('/token')).length
    await Promise.all(
      layers.map((layer) => client.fetchBlob(reference, layer, { store: new MemoryBlobStore() })),
    )
    expect(tokens()).toBe(1)
    registry.access.revoke()
    await client.pull(reference, { store: new MemoryBlobStore(), platforms: [AMD64] })
    expect(tokens()).toBe(2)
  })

  it('is asked for more when the registry says that it is not enough', async () => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    let count = 0
    registry.fault = ({ url, headers }) => {
      const isFirst = url.startsWith('/v2/') && headers.authorization !== undefined && count++ === 0
      const realm = `Bearer realm="${registry.origin}/token",service="loopback"`
      const challenge = `${realm},scope="repository:other:pull",error="insufficient_scope"`
      return isFirst ? { status: 401, headers: { 'www-authenticate': challenge } } : undefined
    }
    expect(await attempt(registry)).toBeUndefined()
    const asked = registry.requests.filter(({ url }) => url.startsWith('/token')).at(-1)!
    const scopes = new URL(asked.url, registry.origin).searchParams.getAll('scope')
    expect(scopes).toEqual(['repository:other:pull', 'repository:a:pull'])
  })

  it('is asked only by whoever knows a credential, and the search for one ends with the client', async () => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    let wasTold = false
    const client = createRegistryClient({
      credentials: (_, { signal } = {}) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            wasTold = true
            reject(signal.reason)
          })
          setTimeout(() => client[Symbol.asyncDispose](), 20)
        }),
    })
    await expect(client.manifest(parseReference(`${registry.host}/a:1`))).rejects.toMatchObject({
      code: 'E_REG_CLOSED',
    })
    expect(wasTold).toBe(true)
  })

  it('lets anyone pull what is public', async () => {
    const registry = await start({ ...TOKEN, publicPull: true })
    addImage(registry.storage, 'a', { tag: '1' })
    await using client = createRegistryClient()
    const reference = parseReference(`${registry.host}/a:1`)
    const pulled = await client.pull(reference, { store: new MemoryBlobStore(), platforms: [AMD64] })
    expect(pulled.blobs.fetched).toBe(1)
    const { root } = pulled
    const pushing = client.push(reference, { root, content: client.content(reference) })
    await expect(pushing).rejects.toMatchObject({ code: 'E_REG_DENIED' })
  })

  it('gives an identity token to whoever logs in', async () => {
    const registry = await start(TOKEN)
    await using client = createRegistryClient()
    expect(await client.login(registry.host, PASSWORD)).toEqual({ identityToken: `id-${CANARY}` })
    const wrong: Credential = { kind: 'password', username: 'me', password: 'no' }
    const denied = { code: 'E_REG_DENIED', hint: expect.stringContaining('password is wrong') }
    await expect(client.login(registry.host, wrong)).rejects.toMatchObject(denied)
    const plain = await start(BASIC)
    expect(await client.login(plain.host, PASSWORD)).toEqual({})
    await expect(client.login(plain.host, wrong)).rejects.toMatchObject(denied)
  })

  it.each(['line\nbreak', 'nicht-für-ASCII', 'a b'])(
    'is not asked with the token %j, which no header can have',
    async (text) => {
      const registry = await start(TOKEN)
      const credential = { kind: 'bearer', token: `${text}${CANARY}` } as const
      expect(await attempt(registry, credential)).toMatchObject({
        code: 'E_CREDENTIALS',
        message: expect.stringContaining(registry.host),
      })
    },
  )

  it('is not asked by whoever has its token already', async () => {
    const registry = await start(TOKEN)
    addImage(registry.storage, 'a', { tag: '1' })
    expect(await attempt(registry, { kind: 'bearer', token: tokenOf(registry) })).toBeUndefined()
    expect(registry.requests.some(({ url }) => url.startsWith('/token'))).toBe(false)
  })
})
