import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { credentialHelper } from '../../../../../test/credential-helper.js'
import type { Credential } from '../credential.js'
import { systemCredentials } from './system-credentials.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cooper-credentials-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
const password = (username: string, secret: string): Credential => ({
  kind: 'password',
  username,
  password: secret,
})

function file(path: string, content: unknown): void {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), typeof content === 'string' ? content : JSON.stringify(content))
}

function find(repository: string, environment: Record<string, string> = {}): Promise<Credential | undefined> {
  return systemCredentials({ environment: { HOME: home, ...environment } })(repository)
}

describe('credentials of this machine', () => {
  it('are those of the longest name that a repository lies in', async () => {
    file('.docker/config.json', {
      auths: {
        'r.io': auth('host:1'),
        'r.io/team': auth('team:2'),
        'r.io/team/app': auth('app:3'),
        'r.io/tea': auth('wrong:4'),
      },
    })
    expect(await find('r.io/team/app')).toEqual(password('app', '3'))
    expect(await find('r.io/team/application')).toEqual(password('team', '2'))
    expect(await find('r.io/teams')).toEqual(password('host', '1'))
    expect(await find('r.io')).toEqual(password('host', '1'))
    expect(await find('r.io:5000/team')).toBeUndefined()
  })

  it.each([
    'https://index.docker.io/v1/',
    'index.docker.io',
    'docker.io',
    'https://registry-1.docker.io/v2/',
    'http://index.docker.io/v1/access-token',
  ])('of docker.io stand under %s', async (key) => {
    file('.docker/config.json', { auths: { [key]: auth('me:x') } })
    expect(await find('docker.io/library/debian')).toEqual(password('me', 'x'))
    expect(await find('example.io/library/debian')).toBeUndefined()
  })

  it('of a host stand under its URL as well, and its name counts first', async () => {
    file('.docker/config.json', {
      auths: {
        'https://r.io:5000/v2/': auth('url:1'),
        'r.io:5000': auth('host:2'),
        'http://s.io': auth('s:3'),
      },
    })
    expect(await find('r.io:5000/a')).toEqual(password('host', '2'))
    expect(await find('s.io/a/b')).toEqual(password('s', '3'))
  })

  it('may be tokens, and passwords with any character', async () => {
    file('.docker/config.json', {
      auths: {
        'a.io': { ...auth('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
        'b.io': { registrytoken: 'as-it-is' },
        'c.io': auth('u:p:q\0\0'),
        'broken.io': { auth: auth('user:line').auth.replace(/(.{4})/g, '$1\r\n') },
        'd.io': { username: 'plain', password: 'text' },
        'e.io': {},
        'f.io': null,
      },
    })
    const username = '00000000-0000-0000-0000-000000000000'
    expect(await find('a.io/x')).toEqual({ kind: 'identity', username, token: 'refresh' })
    expect(await find('b.io/x')).toEqual({ kind: 'bearer', token: 'as-it-is' })
    expect(await find('c.io/x')).toEqual(password('u', 'p:q'))
    expect(await find('broken.io/x')).toEqual(password('user', 'line'))
    expect(await find('d.io/x')).toEqual(password('plain', 'text'))
    expect(await find('e.io/x')).toBeUndefined()
    expect(await find('f.io/x')).toBeUndefined()
  })

  it('are looked for in every place, what a variable names first', async () => {
    const environment: Record<string, string> = { XDG_RUNTIME_DIR: join(home, 'run') }
    const places: [string, () => void][] = [
      ['config', () => file('.config/containers/auth.json', { auths: { 'r.io': auth('config:x') } })],
      ['runtime', () => file('run/containers/auth.json', { auths: { 'r.io': auth('runtime:x') } })],
      ['docker', () => file('.docker/config.json', { auths: { 'r.io': auth('docker:x') } })],
      [
        'auth-file',
        () => {
          file('named.json', { auths: { 'r.io': auth('auth-file:x') } })
          environment.REGISTRY_AUTH_FILE = join(home, 'named.json')
        },
      ],
      [
        'docker-config',
        () => {
          file('other/config.json', { auths: { 'r.io': auth('docker-config:x') } })
          environment.DOCKER_CONFIG = join(home, 'other')
        },
      ],
      [
        'variable',
        () => {
          environment.DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'r.io': auth('variable:x') } })
        },
      ],
    ]
    expect(await find('r.io/a', environment)).toBeUndefined()
    for (const [name, put] of places) {
      put()
      expect(await find('r.io/a', environment)).toEqual(password(name, 'x'))
    }
    expect(await systemCredentials({ environment: {} })('r.io/a')).toBeUndefined()
  })

  it('of an empty file are none, and a broken one is named without its content', async () => {
    file('.docker/config.json', '')
    expect(await find('r.io/a')).toBeUndefined()
    const secret = Buffer.from('me:secret').toString('base64')
    for (const text of [
      `{"auths":{"r.io":{"auth":"${secret}"`,
      `{"auths":{"r.io":{"auth":"${secret}!"}}}`,
      `{"auths":{"r.io":{"auth":"${Buffer.from('secret').toString('base64')}"}}}`,
      `{"auths":{"r.io":{"registrytoken":"${secret}\\n${secret}"}}}`,
      `{"auths":{"r.io":{"registrytoken":"${secret}ü"}}}`,
      '{"auths":[]}',
      '{"auths":{"r.io":"x"}}',
      '{"credHelpers":{"r.io":5}}',
      '[]',
    ]) {
      file('.docker/config.json', text)
      const failure = await find('r.io/a').catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'E_CREDENTIALS' })
      expect(`${failure} ${JSON.stringify(failure)}`).toContain('config.json')
      expect(`${failure} ${JSON.stringify(failure)}`).not.toContain(secret.slice(0, 8))
    }
  })
})

describe('a credential helper', () => {
  const calls = () => readFileSync(join(home, 'bin/calls'), 'utf8').trim().split('\n')
  const keep = (kept: Record<string, { Username: string; Secret: string }>) => file('bin/kept.json', kept)

  it('of the host is asked before the one for all hosts, and that before the file', async () => {
    const PATH = `${credentialHelper(join(home, 'bin'), 'own')}`
    credentialHelper(join(home, 'bin'), 'all')
    keep({
      'own.io': { Username: 'own', Secret: '1' },
      'all.io': { Username: 'all', Secret: '2' },
      'https://index.docker.io/v1/': { Username: '<token>', Secret: 'refresh' },
    })
    file('.docker/config.json', {
      credsStore: 'all',
      credHelpers: { 'own.io': 'own', 'file.io': '' },
      auths: { 'own.io': auth('file:x'), 'file.io': auth('file:x'), 'rest.io': auth('rest:x') },
    })
    const ask = systemCredentials({ environment: { HOME: home, PATH } })
    expect(await ask('own.io/a')).toEqual(password('own', '1'))
    expect(await ask('all.io/a')).toEqual(password('all', '2'))
    expect(await ask('docker.io/library/a')).toEqual({ kind: 'identity', token: 'refresh' })
    expect(await ask('file.io/a')).toEqual(password('file', 'x'))
    // It knows none for this host: the entry counts, as for podman.
    expect(await ask('rest.io/a')).toEqual(password('rest', 'x'))
    expect(await ask('nobody.io/a')).toBeUndefined()
    expect(await Promise.all([ask('own.io/b'), ask('own.io/c')])).toHaveLength(2)
    expect(calls()).toEqual([
      'get own.io',
      'get all.io',
      'get https://index.docker.io/v1/',
      'get rest.io',
      'get nobody.io',
    ])
  })

  it('that is missing fails for its own host, and is a warning where it is for all', async () => {
    file('.docker/config.json', { credsStore: 'nowhere', credHelpers: { 'own.io': 'nowhere' } })
    const warnings: string[] = []
    const ask = systemCredentials({
      environment: { HOME: home, PATH: home },
      onWarning: (message) => warnings.push(message),
    })
    expect(await ask('r.io/a')).toBeUndefined()
    expect(warnings).toEqual([
      `there is no program docker-credential-nowhere, which ${home}/.docker/config.json names in credsStore`,
    ])
    await expect(ask('own.io/a')).rejects.toMatchObject({ code: 'E_CREDENTIALS_HELPER_MISSING' })
  })

  const broken: [what: string, script: string, message: RegExp][] = [
    ['fails', 'console.log("no session\\nsecond"); process.exitCode = 1', /: no session$/],
    [
      'fails with a secret',
      'console.log(\'{"Secret":"canary"}\'); process.exitCode = 2',
      /does not say why$/,
    ],
    ['answers with no JSON', 'console.log("canary")', /the answer is not valid JSON/],
    ['answers with a list', 'console.log("[]")', /no JSON object/],
    ['answers with numbers', 'console.log(\'{"Username":5,"Secret":"canary"}\')', /no Username and Secret/],
    ['never ends writing', 'for (;;) require("fs").writeSync(1, "canary".repeat(10000))', /writes more than/],
    ['never answers', 'setInterval(() => {}, 1000)', /no answer within 0.5 seconds/],
  ]
  it.each(broken)('that %s is an error without its secrets', async (what, script, message) => {
    const PATH = credentialHelper(join(home, 'bin'), 'broken', script)
    file('.docker/config.json', { credsStore: 'broken' })
    const ask = systemCredentials({
      environment: { HOME: home, PATH },
      helperTimeout: what === 'never answers' ? 500 : 60_000,
    })
    const failure = await ask('r.io/a').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E_CREDENTIALS', message: expect.stringMatching(message) })
    expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('canary')
  })

  it.each(['../x', 'a/b', '', '-x', 'a b', '.'])('cannot be named %j', async (name) => {
    file('.docker/config.json', { credHelpers: { 'r.io': name }, auths: { 'r.io': auth('f:x') } })
    if (name === '') expect(await find('r.io/a')).toEqual(password('f', 'x'))
    else await expect(find('r.io/a')).rejects.toThrow('not the name of a credential helper')
  })

  // Writes down that it runs, and answers when there is a file `go`.
  const SLOW = `
    const { appendFileSync, existsSync } = require('node:fs')
    appendFileSync(__dirname + '/calls', process.pid + '\\n')
    setInterval(() => {
      if (!existsSync(__dirname + '/go')) return
      console.log('{"Username":"u","Secret":"s"}')
      process.exit()
    }, 10)
  `
  const started = () => vi.waitUntil(() => existsSync(join(home, 'bin/calls')), { timeout: 30_000 })
  const slow = () => {
    const PATH = credentialHelper(join(home, 'bin'), 'slow', SLOW)
    file('.docker/config.json', { credsStore: 'slow' })
    return systemCredentials({ environment: { HOME: home, PATH } })
  }

  it('is waited for by all who ask, and the abort of one is not that of another', async () => {
    const ask = slow()
    const controller = new AbortController()
    const first = ask('r.io/a', { signal: controller.signal })
    const second = ask('r.io/b')
    await started()
    controller.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    file('bin/go', '')
    expect(await second).toEqual(password('u', 's'))
    expect(calls()).toHaveLength(1)
  })

  it('is ended when nobody waits for it, and asked anew then', async () => {
    const ask = slow()
    const controller = new AbortController()
    const first = ask('r.io/a', { signal: controller.signal })
    await started()
    controller.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const pid = Number(calls()[0])
    await vi.waitUntil(() => !existsSync(`/proc/${pid}/exe`), { timeout: 30_000 })
    file('bin/go', '')
    expect(await ask('r.io/a')).toEqual(password('u', 's'))
    expect(calls()).toHaveLength(2)
  })
})
