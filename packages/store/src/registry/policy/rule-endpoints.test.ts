import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '../../../../../test/authority.js'
import { loopback } from '../../../../../test/loopback.js'
import { hasTool } from '../../../../../test/rival-tools.js'
import type { Endpoint } from '../endpoint.js'
import { plainEndpoints } from '../plain-endpoints.js'
import { certificateDirectories, hostCertificates } from './host-certificates.js'
import { readRegistryRules } from './read-registry-rules.js'
import { ruleEndpoints } from './rule-endpoints.js'

/** `origin repository capabilities credentialKey`, with `mirror` and `unjudged` where they are. */
function shown(endpoint: Endpoint): string {
  const { origin, repository, capabilities, credentialKey, isMirror, tls } = endpoint
  const marks = `${isMirror ? ' mirror' : ''}${tls?.skipVerify ? ' unjudged' : ''}`
  return `${origin} ${repository} ${[...capabilities].join(',')} ${credentialKey}${marks}`
}

const rules = (registry: object[]) => readRegistryRules({ registry }).rules
const policy = (...registry: object[]) =>
  ruleEndpoints({
    rules: [rules(registry)],
    probe: async (host) => (host.includes('tls') ? 'https' : 'http'),
  })

describe('the servers of a repository', () => {
  it('without a rule are the registry itself, by http on this machine alone', async () => {
    const ask = policy()
    expect((await ask('docker.io/library/debian')).map(shown)).toEqual([
      'https://registry-1.docker.io library/debian pull,resolve,push docker.io/library/debian',
    ])
    expect((await ask('r.io:8443/a/b')).map(shown)).toEqual([
      'https://r.io:8443 a/b pull,resolve,push r.io:8443/a/b',
    ])
    expect((await ask('localhost:5000')).map(shown)).toEqual([
      'http://localhost:5000  pull,resolve,push localhost:5000',
    ])
  })

  it('are mirrors first, then what takes its place, and for pushes the registry', async () => {
    const ask = policy(
      {
        prefix: 'docker.io',
        mirror: [
          { location: 'tls.lan/hub', insecure: true },
          { location: 'plain.lan:5000', insecure: true, 'pull-from-mirror': 'digest-only' },
          { location: 'm.io' },
        ],
      },
      { prefix: 'docker.io/mine', location: 'own.io/x' },
    )
    expect((await ask('docker.io/library/debian')).map(shown)).toEqual([
      'https://tls.lan hub/library/debian pull,resolve tls.lan/hub/library/debian mirror unjudged',
      'http://plain.lan:5000 library/debian pull plain.lan:5000/library/debian mirror',
      'https://m.io library/debian pull,resolve m.io/library/debian mirror',
      'https://registry-1.docker.io library/debian pull,resolve,push docker.io/library/debian',
    ])
    expect((await ask('docker.io/mine/app')).map(shown)).toEqual([
      'https://own.io x/app pull,resolve own.io/x/app',
      'https://registry-1.docker.io mine/app push docker.io/mine/app',
    ])
    expect(await ask('docker.io/miner/app')).toHaveLength(4)
  })

  it('are asked for what they are for: some mirrors not for digests', async () => {
    const ask = policy({
      prefix: 'r.io',
      mirror: [{ location: 't.io', 'pull-from-mirror': 'tag-only' }, { location: 'all.io' }],
    })
    const origins = async (by?: 'tag' | 'digest') =>
      (await ask('r.io/a', by && { by })).map(({ origin }) => origin)
    expect(await origins('tag')).toEqual(['https://t.io', 'https://all.io', 'https://r.io'])
    expect(await origins('digest')).toEqual(['https://all.io', 'https://r.io'])
  })

  it('are found below a domain, and blocked where a rule says so', async () => {
    const ask = policy(
      { prefix: '*.corp.io', insecure: true },
      { prefix: 'ok.corp.io' },
      { prefix: 'bad.corp.io/evil', blocked: true },
    )
    expect((await ask('a.b.corp.io:5000/x')).map(shown)).toEqual([
      'http://a.b.corp.io:5000 x pull,resolve,push a.b.corp.io:5000/x',
    ])
    expect((await ask('corp.io/x')).map(shown)).toEqual(['https://corp.io x pull,resolve,push corp.io/x'])
    expect((await ask('ok.corp.io/x')).map(shown)).toEqual([
      'https://ok.corp.io x pull,resolve,push ok.corp.io/x',
    ])
    await expect(ask('bad.corp.io/evil/x')).rejects.toMatchObject({ code: 'E_REG_BLOCKED' })
    expect(await ask('bad.corp.io/good')).toHaveLength(1)
  })

  it('are all insecure where the host that is asked for is', async () => {
    const registry = [{ prefix: 'old.io', location: 'tls.new.io', mirror: [{ location: 'tls.mirror.io' }] }]
    const probe = async () => 'https' as const
    const ask = ruleEndpoints({ rules: [rules(registry)], insecure: ['old.io'], probe })
    expect((await ask('old.io/a')).map(({ tls }) => tls?.skipVerify)).toEqual([true, true, true])
    expect((await ask('tls.new.io/a')).map(({ tls }) => tls?.skipVerify)).toEqual([undefined])
  })

  it.each([
    ['localhost', 'localhost:5000/a'],
    ['localhost:5000', 'LOCALHOST:5000/a'],
    ['evil.io', 'evil.io:443/x'],
    ['evil.io:443', 'evil.io/x'],
    ['EVIL.io/x', 'evil.io:0443/x/y'],
    ['*.evil.io', 'A.Evil.io:8080/x'],
    ['127.0.0.1:1', '127.1:1/x'],
    ['[::1]', '[0:0:0:0:0:0:0:1]:5000/x'],
  ])('are blocked by %s for %s as well', async (prefix, repository) => {
    await expect(policy({ prefix, blocked: true })(repository)).rejects.toMatchObject({
      code: 'E_REG_BLOCKED',
    })
  })

  it('are not blocked by another host or port, nor where a longer rule counts', async () => {
    for (const prefix of ['evil.io:443', 'evil.io:80', 'il.io', 'evil.i', 'evil.io/x']) {
      expect(await policy({ prefix, blocked: true })('evil.io:5000/y')).toHaveLength(1)
    }
    const ask = policy({ prefix: 'evil.io', blocked: true }, { prefix: 'evil.io:5000/good' })
    expect(await ask('evil.io:5000/good/x')).toHaveLength(1)
    await expect(ask('evil.io:5000/x')).rejects.toMatchObject({ code: 'E_REG_BLOCKED' })
    const moved = policy({ prefix: 'old.io', location: 'new.io' })
    expect((await moved('OLD.io:443/a')).map(shown)).toEqual([
      'https://new.io a pull,resolve new.io/a',
      'https://OLD.io:443 a push OLD.io:443/a',
    ])
    expect((await moved('old.io:5000/a')).map(({ origin }) => origin)).toEqual(['https://old.io:5000'])
  })

  it.each(['localhost:99999', '256.256.256.256', 'registry.1', '[1]:80'])(
    'are none where the name can be no host: %s',
    async (host) => {
      const refused = { code: 'E_REF', message: expect.stringContaining(host), data: { host } }
      await expect(ruleEndpoints()(`${host}/a`)).rejects.toMatchObject(refused)
      await expect(plainEndpoints()(`${host}/a`)).rejects.toMatchObject(refused)
    },
  )

  it('are those of the first list that has a rule', async () => {
    const ask = ruleEndpoints({
      rules: [
        rules([{ prefix: 'a.io', location: 'first.io' }]),
        rules([{ prefix: 'a.io/b', blocked: true }]),
      ],
    })
    expect((await ask('a.io/b')).map(({ origin }) => origin)).toEqual(['https://first.io', 'https://a.io'])
  })
})

const hasOpenssl = hasTool('openssl')

describe.skipIf(!hasOpenssl)('TLS', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooper-policy-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is found out on this machine and for insecure hosts, and never doubted elsewhere', async () => {
    const own = makeAuthority(folder).issue('server')
    const secret = await loopback(() => {}, own)
    const plain = await loopback(() => {})
    const [tls, http] = [secret, plain].map(({ origin }) => new URL(origin).host)
    const ask = ruleEndpoints()
    expect((await ask(`${tls}/a`)).map(shown)).toEqual([`https://${tls} a pull,resolve,push ${tls}/a`])
    expect((await ask(`${http}/a`)).map(shown)).toEqual([`http://${http} a pull,resolve,push ${http}/a`])
    expect((await ask('127.0.0.1:1/a'))[0]?.origin).toBe('http://127.0.0.1:1')
    const careless = ruleEndpoints({ insecure: [tls!, http!] })
    expect((await careless(`${tls}/a`))[0]?.tls).toEqual({ skipVerify: true })
    expect((await careless(`${http}/a`))[0]).not.toHaveProperty('tls')
  })

  it('is found out through the proxy that leads to an insecure host, and a proxy that fails decides nothing', async () => {
    const tls = await loopback((_, response) => response.end(), makeAuthority(folder).issue('behind'))
    const http = await loopback((_, response) => response.end())
    const proxy = await loopback(() => {})
    proxy.server.on('connect', (request, socket) => {
      const { port } = new URL(request.url!.startsWith('tls') ? tls.origin : http.origin)
      const far = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 go on\r\n\r\n')
        socket.pipe(far).pipe(socket)
      })
      for (const end of [far, socket]) end.on('error', () => {})
    })
    const originsBy = async (HTTPS_PROXY: string) => {
      const ask = ruleEndpoints({ insecure: ['tls.invalid', 'plain.invalid'], environment: { HTTPS_PROXY } })
      return Promise.all(['tls', 'plain'].map(async (name) => (await ask(`${name}.invalid/a`))[0]?.origin))
    }
    expect(await originsBy(proxy.origin)).toEqual(['https://tls.invalid', 'http://plain.invalid'])
    for (const bad of ['http://127.0.0.1:1', 'socks5://127.0.0.1:1']) {
      expect(await originsBy(bad)).toEqual(['https://tls.invalid', 'https://plain.invalid'])
    }
  })

  it('is judged by the certificates of the host, in the folders of podman and Docker', async () => {
    const put = (path: string, text: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const authority = makeAuthority(folder)
    const { cert, key } = authority.issue('client')
    const ca = [authority.cert, `a note\n${cert}`]
    put('one/r.io:5000/README', 'no certificate')
    put('two/r.io:5000/a.crt', ca[0]!)
    put('two/r.io:5000/b.crt', ca[1]!)
    put('two/r.io:5000/client.cert', cert)
    put('two/r.io:5000/client.key', key)
    put('two/docker.io/ca.crt', ca[0]!)
    put('two/half.io/x.key', 'key')
    const directories = [join(folder, 'none'), join(folder, 'two')]
    const find = hostCertificates({ directories })
    expect(await find('r.io:5000')).toEqual({ ca, cert, key })
    expect(await find('r.io')).toBeUndefined()
    expect(await hostCertificates({ directories: [join(folder, 'one')] })('r.io:5000')).toBeUndefined()
    await expect(find('half.io')).rejects.toMatchObject({
      code: 'E_REG_CERTIFICATE',
      message: expect.stringContaining('lacks x.cert'),
    })
    for (const odd of ['..', '../two/r.io:5000', '']) expect(await find(odd)).toBeUndefined()
    const ask = ruleEndpoints({ certificates: find, probe: () => Promise.reject(new Error('asked')) })
    expect((await ask('docker.io/library/a'))[0]?.tls).toEqual({ ca: [ca[0]] })
    expect(certificateDirectories({ HOME: '/h' })).toEqual([
      '/h/.config/containers/certs.d',
      '/h/.config/docker/certs.d',
      '/etc/containers/certs.d',
      '/etc/docker/certs.d',
    ])
  })
})
