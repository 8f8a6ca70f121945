import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialHelper } from '../../../../../test/credential-helper.js'
import { forgetCredential, keepCredential } from './keep-credential.js'
import { systemCredentials } from './system-credentials.js'

let home: string
let config: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cooper-keep-'))
  mkdirSync(join(home, '.docker'))
  config = join(home, '.docker/config.json')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const me = { kind: 'password', username: 'me', password: 'p:w' } as const
const AUTH = Buffer.from('me:p:w').toString('base64')
const read = () => readFileSync(config, 'utf8')

describe('a credential that is kept', () => {
  it('stands in the file of Docker, which keeps its mode, and leaves the rest as it was', async () => {
    writeFileSync(
      config,
      '{\n  "HttpHeaders": {"X": "<&>"},\n  "n": 1e400,\n  "auths": {"a.io": {"auth": "eDp5"}, "r.io": {"email": "m@e"}},\n  "detachKeys": "ctrl-e,e"\n}\n',
    )
    chmodSync(config, 0o640)
    const environment = { HOME: home }
    expect(await keepCredential('r.io', me, { environment })).toEqual({ file: config })
    expect(read()).toBe(
      `{
  "HttpHeaders": {
    "X": "<&>"
  },
  "n": 1e400,
  "auths": {
    "a.io": {
      "auth": "eDp5"
    },
    "r.io": {
      "email": "m@e",
      "auth": "${AUTH}"
    }
  },
  "detachKeys": "ctrl-e,e"
}
`,
    )
    expect(statSync(config).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json'])
    expect(await systemCredentials({ environment })('r.io/a')).toEqual(me)
  })

  it('stands in a new file that is for its owner alone', async () => {
    await keepCredential('r.io', me, { environment: { HOME: home } })
    expect(statSync(config).mode & 0o777).toBe(0o600)
  })

  it.skipIf(process.getuid?.() !== 0)('does not make the file of another a file of root', async () => {
    writeFileSync(config, '{}')
    chownSync(config, 1234, 2345)
    const environment = { HOME: home }
    const owner = () => [statSync(config).uid, statSync(config).gid]
    await keepCredential('r.io', me, { environment })
    expect(owner()).toEqual([1234, 2345])
    await forgetCredential('r.io', { environment })
    expect([owner(), read()]).toEqual([[1234, 2345], '{\n\t"auths": {}\n}'])
  })

  it('of docker.io has the key of Docker, and replaces what stood under another', async () => {
    writeFileSync(config, '{"auths":{"docker.io":{"auth":"eDp5"},"index.docker.io":{}}}')
    const environment = { HOME: home }
    await keepCredential('docker.io', me, { environment })
    expect(JSON.parse(read())).toEqual({ auths: { 'https://index.docker.io/v1/': { auth: AUTH } } })
    expect(await forgetCredential('docker.io', { environment })).toEqual([{ file: config }])
    expect(read()).toBe('{\n\t"auths": {}\n}')
    expect(await forgetCredential('docker.io', { environment })).toEqual([])
  })

  it('goes to the file that a variable names, which is made when it is missing', async () => {
    const named = join(home, 'new/auth.json')
    const environment = { HOME: home, REGISTRY_AUTH_FILE: named }
    expect(await keepCredential('docker.io', me, { environment })).toEqual({ file: named })
    expect(JSON.parse(readFileSync(named, 'utf8'))).toEqual({ auths: { 'docker.io': { auth: AUTH } } })
    expect(statSync(join(home, 'new')).mode & 0o777).toBe(0o700)
    await expect(keepCredential('r.io', me, { environment: {} })).rejects.toMatchObject({ code: 'E_HOME' })
  })

  it('goes behind a link, which stays one', async () => {
    symlinkSync('real.json', config)
    const environment = { HOME: home }
    await keepCredential('r.io', me, { environment })
    expect(readdirSync(join(home, '.docker')).sort()).toEqual(['config.json', 'real.json'])
    await keepCredential('s.io', me, { environment })
    expect(Object.keys((JSON.parse(read()) as { auths: object }).auths)).toEqual(['r.io', 's.io'])
    expect(statSync(join(home, '.docker/real.json')).mode & 0o777).toBe(0o600)
  })

  it('is given to the helper of the host, with a mark in the file and no secret', async () => {
    const PATH = credentialHelper(join(home, 'bin'), 'keeper')
    writeFileSync(config, '{"credsStore":"keeper","auths":{"r.io":{"auth":"eDp5"}}}')
    const environment = { HOME: home, PATH }
    expect(await keepCredential('r.io', me, { environment })).toEqual({ file: config, helper: 'keeper' })
    expect(JSON.parse(read())).toEqual({ credsStore: 'keeper', auths: { 'r.io': {} } })
    expect(await systemCredentials({ environment })('r.io/a')).toEqual(me)
    const token = { kind: 'identity', token: 'refresh' } as const
    await keepCredential('r.io', token, { environment })
    expect(await systemCredentials({ environment })('r.io/a')).toEqual(token)
    expect(await forgetCredential('r.io', { environment })).toEqual([{ file: config, helper: 'keeper' }])
    expect(await systemCredentials({ environment })('r.io/a')).toBeUndefined()
    expect(await forgetCredential('r.io', { environment })).toEqual([])
  })

  it.each([
    ['credHelpers', { 'r.io': 'keeper' }],
    ['credsStore', 'keeper'],
  ])(
    'is forgotten by a helper of %s though no mark says that there is one, and then told',
    async (member, value) => {
      const PATH = credentialHelper(join(home, 'bin'), 'keeper')
      const environment = { HOME: home, PATH }
      const text = JSON.stringify({ [member]: value })
      writeFileSync(config, text)
      expect(await forgetCredential('r.io', { environment })).toEqual([])
      await keepCredential('r.io', me, { environment })
      writeFileSync(config, text)
      expect(await forgetCredential('r.io', { environment })).toEqual([{ file: config, helper: 'keeper' }])
      expect(await systemCredentials({ environment })('r.io/a')).toBeUndefined()
      expect(read()).toBe(text)
    },
  )

  it('that the helper of the host does not forget is an error, and of the one for all hosts where it is marked', async () => {
    const PATH = credentialHelper(
      join(home, 'bin'),
      'stuck',
      'console.log("the keyring is locked"); process.exitCode = 1',
    )
    const environment = { HOME: home, PATH }
    const stuck = {
      code: 'E_CREDENTIALS',
      message: 'docker-credential-stuck does not forget the credential for r.io: the keyring is locked',
      hint: expect.stringContaining('docker-credential-stuck erase'),
    }
    for (const text of ['{"credHelpers":{"r.io":"stuck"}}', '{"credsStore":"stuck","auths":{"r.io":{}}}']) {
      writeFileSync(config, text)
      await expect(forgetCredential('r.io', { environment })).rejects.toMatchObject(stuck)
    }
    writeFileSync(config, '{"credsStore":"stuck"}')
    expect(await forgetCredential('r.io', { environment })).toEqual([])
    writeFileSync(config, '{"credHelpers":{"r.io":"none"}}')
    await expect(forgetCredential('r.io', { environment })).rejects.toMatchObject({
      code: 'E_CREDENTIALS_HELPER_MISSING',
    })
  })

  it('is in no error of a helper that cannot keep it, and the file stays as it was', async () => {
    const script =
      'console.log("refused: " + JSON.parse(require("fs").readFileSync(0)).Secret); process.exitCode = 1'
    const PATH = credentialHelper(join(home, 'bin'), 'full', script)
    writeFileSync(config, '{"credHelpers":{"r.io":"full"}}')
    const failure = await keepCredential('r.io', me, { environment: { HOME: home, PATH } }).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'E_CREDENTIALS' })
    expect(`${failure}${JSON.stringify(failure)}`).not.toContain(me.password)
    expect(read()).toBe('{"credHelpers":{"r.io":"full"}}')
  })
})
