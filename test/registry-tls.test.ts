import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { MemoryBlobStore, parseDigest, parseReference } from '@cooperage/store'
import {
  createRegistryClient,
  type Endpoint,
  type EndpointTls,
  type RegistryClientOptions,
} from '@cooperage/store/registry'
import { addImage, type LoopbackRegistry, startLoopbackRegistry } from '@cooperage/store/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, makeAuthority } from './authority.js'
import { distributionRegistry } from './distribution-registry.js'
import { userWithoutIds } from './executor-users.js'
import { hasTool } from './rival-tools.js'
import { seedRegistry } from './seed-registry.js'
import { workspace } from './workspace.js'

const space = workspace('registry-tls')
const AMD64 = { os: 'linux', architecture: 'amd64' }

/** A client whose only server is this one. */
function clientOf(registry: LoopbackRegistry, tls?: EndpointTls, more: RegistryClientOptions = {}) {
  const endpoint: Endpoint = {
    origin: registry.origin,
    repository: 'a',
    isMirror: false,
    capabilities: new Set(['pull', 'resolve', 'push'] as const),
    credentialKey: `${registry.host}/a`,
    ...(tls && { tls }),
  }
  return createRegistryClient({ tries: 1, ...more, endpoints: async () => [endpoint] })
}

async function pull(
  registry: LoopbackRegistry,
  tls?: EndpointTls,
  more?: RegistryClientOptions,
): Promise<unknown> {
  await using client = clientOf(registry, tls, more)
  const reference = parseReference(`${registry.host}/a:1`)
  return client.pull(reference, { store: new MemoryBlobStore(), platforms: [AMD64] })
}

describe.skipIf(!hasTool('openssl'))('a registry with TLS', () => {
  let authority: Authority
  const open: LoopbackRegistry[] = []
  beforeAll(() => {
    authority = makeAuthority(space.path('authority'))
  })
  afterAll(async () => {
    for (const registry of open) await registry[Symbol.asyncDispose]()
  })

  async function start(options: Parameters<typeof startLoopbackRegistry>[0]): Promise<LoopbackRegistry> {
    const registry = await startLoopbackRegistry(options)
    open.push(registry)
    addImage(registry.storage, 'a', { tag: '1' })
    return registry
  }

  it('is trusted where its authority is named, or where nobody is to be checked', async () => {
    const registry = await start({ tls: authority.issue('good') })
    await expect(pull(registry)).rejects.toMatchObject({
      code: 'E_TLS',
      category: 'network',
      data: { host: registry.host },
    })
    await pull(registry, { ca: [authority.cert] })
    await pull(registry, { skipVerify: true })
  })

  it.each([
    ['for another name', 'other', { names: 'DNS:registry.example' }],
    ['of another time', 'expired', { isExpired: true }],
  ])('is not trusted with a certificate %s', async (_, name, options) => {
    const registry = await start({ tls: authority.issue(name, options) })
    const refused = pull(registry, { ca: [authority.cert] })
    await expect(refused).rejects.toMatchObject({ code: 'E_TLS', hint: expect.any(String) })
    expect(registry.requests).toEqual([])
  })

  it('that signed for itself is not trusted', async () => {
    const registry = await start({ tls: authority })
    await expect(pull(registry)).rejects.toMatchObject({ code: 'E_TLS' })
  })

  it('may want to see who we are', async () => {
    const server = {
      ...authority.issue('strict'),
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    }
    const registry = await start({ tls: server })
    const { key, cert } = authority.issue('me')
    await pull(registry, { ca: [authority.cert], key, cert })
    await expect(pull(registry, { ca: [authority.cert] })).rejects.toMatchObject({ category: 'network' })
  })

  it('gives large layers whole, also where its connections break', async () => {
    const registry = await start({ tls: authority.issue('large') })
    const { layers } = addImage(registry.storage, 'a', { tag: '1', layers: [9_000_001, 700_000, 3_000_000] })
    const cuts = [0, 1, 16_384, 5_000_000, 300_000]
    registry.fault = ({ url, method }) => {
      if (method !== 'GET' || url.includes('/manifests/')) return undefined
      const cutAt = cuts.shift()
      return cutAt === undefined ? undefined : { cutAt }
    }
    const store = new MemoryBlobStore()
    const sleepless = { now: () => Date.now(), sleep: async () => {} }
    await using client = clientOf(registry, { ca: [authority.cert] }, { tries: 5, clock: sleepless })
    const reference = parseReference(`${registry.host}/a:1`)
    await client.pull(reference, { store, platforms: [AMD64] })
    expect(cuts).toEqual([])
    for (const { digest, size } of layers) {
      expect((await store.readAll(parseDigest(digest), size)).byteLength).toBe(size)
    }
  })

  it('does not send us on to http, nor to a token server without protection', async () => {
    const registry = await start({ tls: authority.issue('leading') })
    const plain = await start({})
    const tls = { ca: [authority.cert] }
    const credentials = async () => ({ kind: 'password', username: 'me', password: 'canary' }) as const
    registry.fault = ({ url }) => ({ status: 307, headers: { location: `${plain.origin}${url}` } })
    const redirected = pull(registry, tls, { credentials })
    await expect(redirected).rejects.toMatchObject({ code: 'E_REG_REDIRECT', data: { target: plain.origin } })
    for (const realm of [`${plain.origin}/token`, `http://localhost:${plain.port}/token`]) {
      const challenge = `Bearer realm="${realm}",service="x"`
      registry.fault = () => ({ status: 401, headers: { 'www-authenticate': challenge } })
      await expect(pull(registry, tls, { credentials })).rejects.toMatchObject({ code: 'E_AUTH_REALM' })
    }
    expect(plain.requests).toEqual([])
  })

  it('does not let an upload go on by http', async () => {
    const registry = await start({ tls: authority.issue('careless') })
    const plain = await start({})
    await using client = clientOf(registry, { ca: [authority.cert] })
    const reference = parseReference(`${registry.host}/a:1`)
    const headers = { location: `${plain.origin}/v2/a/blobs/uploads/1` }
    registry.fault = ({ method }) => {
      if (method === 'HEAD') return { status: 404 }
      return method === 'POST' ? { status: 202, headers } : undefined
    }
    const descriptor = registry.storage.manifest('a', '1')!
    const root = { ...descriptor, size: descriptor.bytes.length }
    const pushing = client.push(reference, { root, content: client.content(reference) })
    await expect(pushing).rejects.toMatchObject({
      code: 'E_PUSH',
      message: expect.stringContaining('unprotected'),
    })
    expect(plain.requests).toEqual([])
  })

  it('gives its key to the registry alone, and its authority also to the storage that it leads to', async () => {
    const registry = await start({ tls: authority.issue('front') })
    const seen: boolean[] = []
    const options = {
      ...authority.issue('storage'),
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
    }
    const storage = createServer(options, (request, response) => {
      seen.push('authorized' in request.socket && request.socket.authorized === true)
      response.end(registry.storage.blob('a', request.url!.slice(1)))
    })
    storage.listen(0, 'localhost')
    await once(storage, 'listening')
    const { port } = storage.address() as AddressInfo
    const { key, cert } = authority.issue('client')
    registry.fault = ({ url }) => {
      const digest = /\/blobs\/(.+)/.exec(url)?.[1]
      return digest === undefined
        ? undefined
        : { status: 307, headers: { location: `https://localhost:${port}/${digest}` } }
    }
    await pull(registry, { ca: [authority.cert], key, cert })
    expect(seen).toEqual([false, false])
    storage.closeAllConnections()
    storage.close()
  })
})

const asOther = process.getuid?.() === 0 ? userWithoutIds() : []

describe.skipIf(asOther === undefined)('a folder of certificates that is closed to this user', () => {
  /** As a process of its own, whose files are closed to it as a user's would be. */
  const find = (...directories: string[]) => {
    const options = JSON.stringify({ directories })
    const script = `
      import { hostCertificates } from '@cooperage/store/registry'
      console.log(await hostCertificates(${options})('r.io').catch(({ code }) => code) ?? 'nothing')`
    const [command = '', ...args] = [...asOther!, process.execPath, '--input-type=module', '-e', script]
    return execFileSync(command, args, { encoding: 'utf8' }).trim()
  }

  it('has none for any host, and a file in an open one that is closed is told', () => {
    const closed = space.folder('closed', { 'r.io/ca.crt': 'x' })
    const open = space.folder('open', { 'r.io/ca.crt': 'x' })
    chmodSync(space.root, 0o755)
    chmodSync(closed, 0)
    chmodSync(join(open, 'r.io/ca.crt'), 0)
    expect(find(closed)).toBe('nothing')
    expect(find(closed, open)).toBe('E_CONFIG_FILE')
  })
})

const hasRegistry = hasTool('openssl') && hasTool('docker-registry') && hasTool('skopeo')

describe.skipIf(!hasRegistry)('a certificate that is not judged', () => {
  it('may be any where an alias or a rule leads to it, when one says so of the name', async () => {
    const registry = await distributionRegistry({ tls: makeAuthority(space.path('tls')).issue('server') })
    await seedRegistry(`${registry.host}/a:1`, ['--dest-tls-verify=false'])
    const moved = `[[registry]]\nprefix = "moved.example"\nlocation = "${registry.host}"\n`
    const aliases = `[aliases]\nshort = "${registry.host}/a"\n`
    const home = space.folder('names', { '.config/cooperage/config.toml': moved + aliases })
    const run = (...args: string[]) => space.run(args, { env: { HOME: home } })
    for (const name of ['short', 'moved.example/a']) {
      expect((await run('tags', name)).stderr).toContain('E_TLS')
      expect((await run('tags', '--tls-verify=false', name)).stdout).toBe('1\n')
    }
    const copied = run('copy', '--src-tls-verify=false', 'docker://short:1', `oci:${space.path('short')}`)
    expect(await copied).toMatchObject({ code: 0 })
  })
})
