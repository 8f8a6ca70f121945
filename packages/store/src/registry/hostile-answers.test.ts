import { type AddressInfo, createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AMD64, victim } from '../../../../test/registry-victim.js'
import { digestOf } from '../digest.js'
import { addImage, type RegistryFault } from '../testing/index.js'
import { storeContent } from './content.js'
import { createRegistryClient } from './create-registry-client.js'
import { parseReference } from './reference.js'

const at = victim()

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
    addImage(at.registry.storage, 'a', { tag: '1' })
    at.registry.fault = () => fault
    await expect(at.pull()).rejects.toMatchObject({
      code,
      category: 'network',
      data: { host: at.registry.host, ...data },
    })
    expect(await at.blobs()).toEqual([])
  })

  it('is quoted, with nothing in it that a terminal would obey, and cut', async () => {
    const message = '\u001b]52;c;ZXZpbA==\u0007\u202egnp.exe\r\nfake line'
    const errors = [{ code: 'DENIED', message, detail: { 'x\u001b[31m': 'y'.repeat(100_000) } }]
    at.faulty('manifests', { status: 403, body: JSON.stringify({ errors }) })
    at.registry.fault = () => ({ status: 403, body: JSON.stringify({ errors }) })
    const error = (await at.pull().catch((thrown: unknown) => thrown)) as Error & { data: object }
    expect(error.message).toContain('DENIED')
    expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(error.message.length).toBeLessThan(1500)
    expect(JSON.stringify(error.data)).not.toMatch(/[\x1b\u202e]/)
  })

  it('is understood as far as it goes, however deep it is', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    at.registry.fault = () => ({
      status: 403,
      body: `{"errors":[{"code":"X","message":"m","detail":${deep}}]}`,
    })
    const error = (await at.pull().catch((thrown: unknown) => thrown)) as Error
    // Some versions of Node can write what others can only read.
    const errors = [{ code: 'X', message: 'm', detail: expect.any(String) }]
    expect(error).toMatchObject({ code: 'E_REG_DENIED', data: { errors } })
    expect(error.message.length).toBeLessThan(1500)
  })

  it('without end is read no further than a megabyte', async () => {
    at.registry.fault = () => ({ status: 403, body: 'endless' })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_REG_DENIED' })
  })

  it('is waited for as long as it asks, within bounds, and the call is told', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    const date = new Date(Date.now() + 30_000).toUTCString()
    const asked = ['3', '1000000000', date, 'soon']
    at.registry.fault = ({ method }) => {
      const retryAfter = method === 'HEAD' ? asked.shift() : undefined
      return retryAfter === undefined ? undefined : { status: 429, headers: { 'retry-after': retryAfter } }
    }
    await at.pull()
    expect(at.waited.slice(0, 2)).toEqual([3000, 60_000])
    expect(at.waited[2]).toBeGreaterThan(20_000)
    expect(at.waited[2]).toBeLessThanOrEqual(31_000)
    const told = at.events.flatMap((event) => (event.kind === 'retry' ? [event.wait] : []))
    expect(told).toEqual(at.waited)
    expect(at.events[0]).toMatchObject({
      kind: 'retry',
      code: 'E_REG_RATE',
      tried: 1,
      host: at.registry.host,
    })
  })

  it('that passes is tried again, five times at most', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    let count = 0
    at.registry.fault = ({ method }) => (method === 'HEAD' && count++ < 4 ? { status: 502 } : undefined)
    await at.pull()
    at.registry.requests.length = 0
    at.registry.fault = () => ({ status: 502 })
    await expect(at.pull('a:2')).rejects.toMatchObject({ code: 'E_REG_SERVER' })
    expect(at.registry.requests).toHaveLength(5)
  })

  it('with a warning is shown once', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    at.registry.fault = () => ({
      headers: { warning: '299 - "leave \\"soon\\"\u001b", 299 - "two"'.replace('\u001b', '') },
    })
    await at.pull()
    const told = at.events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))
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
    at.registry.fault = () => ({ status: 302, headers: { location } })
    const error = await at.pull().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'E_REG_REDIRECT' })
    expect((error as { data: { chain: string[] } }).data.chain).toHaveLength(hops)
  })

  it('of an upload by 302 is refused, by 307 followed', async () => {
    addImage(at.registry.storage, 'a', { tag: '1' })
    await at.pull()
    const reference = parseReference(`${at.registry.host}/b:1`)
    const { root } = await at.client.pull(parseReference(`${at.registry.host}/a:1`), {
      store: at.store.blobs,
      platforms: [AMD64],
    })
    const content = storeContent(at.store.blobs)
    let status = 302
    at.registry.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('/blobs/') && !url.includes('moved')
        ? { status, headers: { location: `${url}&moved` } }
        : undefined
    await expect(at.client.push(reference, { root, content })).rejects.toMatchObject({
      code: 'E_REG_REDIRECT',
    })
    status = 307
    expect((await at.client.push(reference, { root, content })).blobs.uploaded).toBe(2)
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
  const resolve = (host: string, from = at.client) =>
    from.head(parseReference(`${host}/a:1`), { onEvent: (event) => at.events.push(event) })

  it('is none: E_REF', async () => {
    await expect(at.client.head(parseReference('ho_st.com/a'))).rejects.toMatchObject({ code: 'E_REF' })
  })

  it('is E_CONNECT, at once: nobody was ever there', async () => {
    await expect(resolve('127.0.0.1:1')).rejects.toMatchObject({ code: 'E_CONNECT', category: 'network' })
    expect(at.waited).toEqual([])
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
    at.client = at.makeClient({ timeouts: { head: 150, connect: 150 }, tries: 1 })
    at.registry.fault = () => ({ mute: true })
    await expect(at.pull()).rejects.toMatchObject({ code: 'E_TIMEOUT', data: { phase: 'head' } })
  })

  it('speaks no TLS: E_TLS, and http is not tried', async () => {
    const tls = createRegistryClient({
      endpoints: async () => [
        {
          origin: `https://${at.registry.host}`,
          repository: 'a',
          isMirror: false,
          capabilities: new Set(['pull', 'resolve'] as const),
          credentialKey: 'x',
        },
      ],
    })
    await expect(resolve(at.registry.host, tls)).rejects.toMatchObject({
      code: 'E_TLS',
      hint: expect.stringContaining('http'),
    })
    expect(at.registry.requests).toEqual([])
    await tls[Symbol.asyncDispose]()
  })

  it('is behind a proxy that is not there, refuses, or is of an unknown kind: E_PROXY', async () => {
    const through = (proxy: string) =>
      at.makeClient({
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
    for (const proxy of [
      'http://me:canary@127.0.0.1:1',
      at.registry.origin,
      'socks5://me:canary@127.0.0.1:1',
    ]) {
      const error = await resolve('registry.example', through(proxy)).catch((thrown: unknown) => thrown)
      expect(error, proxy).toMatchObject({ code: 'E_PROXY', hint: expect.stringContaining('NO_PROXY') })
      expect(String(error)).not.toContain('canary')
    }
  })
})

describe('a push that is refused', () => {
  async function push(): Promise<unknown> {
    addImage(at.registry.storage, 'a', { tag: '1', layers: [1000] })
    const reference = parseReference(`${at.registry.host}/a:1`)
    const { root } = await at.client.pull(reference, { store: at.store.blobs, platforms: [AMD64] })
    const content = storeContent(at.store.blobs)
    return at.client.push(parseReference(`${at.registry.host}/b:1`), { root, content })
  }

  it('because an upload has no place', async () => {
    at.registry.fault = ({ method }) => (method === 'POST' ? { status: 202 } : undefined)
    await expect(push()).rejects.toMatchObject({
      code: 'E_PUSH',
      message: expect.stringContaining('where to'),
    })
  })

  it('with words of the registry', async () => {
    const errors = [{ code: 'MANIFEST_INVALID', message: 'no\u001b[2J', detail: { field: 'x' } }]
    at.registry.fault = ({ method, url }) =>
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
      at.registry.fault = ({ method, url }) =>
        method === 'PUT' && url.includes(path) ? { headers } : undefined
      await expect(push()).rejects.toMatchObject({
        code: 'E_DIGEST_MISMATCH',
        data: { found: digestOf('other') },
      })
    }
  })

  it('by a blob of another size under its digest', async () => {
    at.registry.fault = ({ method, url }) =>
      method === 'HEAD' && url.includes('/blobs/')
        ? { status: 200, headers: { 'content-length': '7' } }
        : undefined
    await expect(push()).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH', data: { found: 7 } })
  })
})
