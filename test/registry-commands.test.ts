import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Descriptor, openStore, parseManifest } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from './authority.js'
import { credentialHelper } from './credential-helper.js'
import { type DistributionRegistry, distributionRegistry } from './distribution-registry.js'
import { podmanApart } from './podman-apart.js'
import { door } from './registry-door.js'
import { hasTool, hostTool, rivalDocker } from './rival-tools.js'
import { type Seeded, seedRegistry, skopeo } from './seed-registry.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('registry')
/** User `me` with the password `secret`. */
const USER_LINE = 'me:$2y$04$sG/lCzJmoa6sG82pLW1lwun4gp.Yt1VMCLXfub9aaTmgH.qkYUv1C'
const isReady = hasTool('docker-registry') && hasTool('skopeo')

/** A user of their own: a home, and so a store and a configuration. */
function user(name: string, env: Readonly<Record<string, string>> = {}) {
  const home = space.folder(name, {})
  return {
    home,
    run: (args: readonly string[], stdin = '') => space.run(args, { env: { HOME: home, ...env }, stdin }),
    file(path: string, content: string) {
      mkdirSync(join(home, path, '..'), { recursive: true })
      writeFileSync(join(home, path), content)
    },
  }
}

const inspect = (name: string): Descriptor & { Digest: string; Layers: string[] } =>
  JSON.parse(skopeo(['inspect', '--tls-verify=false', `docker://${name}`])) as never

describe.skipIf(!isReady)('a registry', () => {
  let registry: DistributionRegistry
  let base: string
  let seeded: Seeded
  beforeAll(async () => {
    registry = await distributionRegistry()
    base = `${registry.host}/team/base:1`
    seeded = await seedRegistry(base, ['--dest-tls-verify=false'])
  })

  describe('pull', () => {
    it('brings the image for this machine, and names it', async () => {
      const { run, home } = user('pull')
      const first = await run(['pull', base])
      expect([first.code, first.stderr]).toEqual([0, expect.stringContaining(`pull ${base}`)])
      expect(first.stdout).toBe(
        `Digest: ${seeded.index.digest}\nStatus: Downloaded newer image for ${base}\n${base}\n`,
      )
      const again = await run(['pull', '-q', base])
      expect([again.code, again.stdout, again.stderr]).toEqual([0, `${base}\n`, ''])
      expect((await run(['pull', base])).stdout).toContain('Image is up to date')
      const images = await run(['images', '--format', 'json'])
      expect(JSON.parse(images.stdout)).toMatchObject({
        Repository: `${registry.host}/team/base`,
        Tag: '1',
        Digest: seeded.index.digest,
      })
      await using store = await openStore({ path: storeOf(home) })
      expect(await store.blobs.stat(seeded.amd64.digest as never)).toBeDefined()
      expect(await store.blobs.stat(seeded.arm64.digest as never)).toBeUndefined()
    })

    it('brings other platforms, or all, and images by digest', async () => {
      const { run, home } = user('platforms')
      expect((await run(['pull', '--platform', 'linux/arm64', base])).code).toBe(0)
      expect(JSON.parse((await run(['inspect', base])).stdout)).toMatchObject([{ Architecture: 'arm64' }])
      const none = await run(['pull', '--platform', 'linux/s390x', base])
      expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/E_PLATFORM.*linux\/amd64/)])
      expect((await run(['pull', '--all-platforms', base])).code).toBe(0)
      await using store = await openStore({ path: storeOf(home) })
      expect(await store.blobs.stat(seeded.amd64.digest as never)).toBeDefined()
      const byDigest = `${registry.host}/team/base@${seeded.arm64.digest}`
      expect((await run(['pull', '-q', byDigest])).stdout).toBe(`${byDigest}\n`)
      const both = await run(['pull', '--all-platforms', '--platform', 'linux/amd64', base])
      expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('E_CLI')])
    })

    it('says what there is not', async () => {
      const { run } = user('absent')
      const tag = await run(['pull', `${registry.host}/team/base:none`])
      expect([tag.code, tag.stderr]).toEqual([3, expect.stringContaining('E_REG_NOT_FOUND')])
      expect((await run(['pull', 'UPPER'])).stderr).toContain('E_REF')
      expect((await run(['images', '-q'])).stdout).toBe('')
    })
  })

  describe('push', () => {
    it('sends what was pulled under its own digest', async () => {
      const { run } = user('pushing')
      await run(['pull', '-q', '--all-platforms', base])
      const to = `${registry.host}/team/copy:1`
      const pushed = await run(['push', base, to])
      expect([pushed.code, pushed.stdout]).toEqual([
        0,
        `1: digest: ${seeded.index.digest} size: ${seeded.index.size}\n`,
      ])
      const raw = skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${to}`])
      expect(JSON.parse(raw)).toMatchObject({ manifests: [{ digest: seeded.amd64.digest }, {}] })
      const lone = user('lone')
      await lone.run(['pull', '-q', base])
      const alone = await lone.run(['push', base, `${registry.host}/team/lone:1`])
      expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining('only this one is here')])
      expect(inspect(`${registry.host}/team/lone:1`).Digest).toBe(seeded.amd64.digest)
      const one = await run(['push', '-q', '--platform', 'linux/arm64', base, `${registry.host}/one:arm`])
      expect([one.code, one.stdout]).toEqual([0, `${registry.host}/one:arm\n`])
      expect(inspect(`${registry.host}/one:arm`).Digest).toBe(seeded.arm64.digest)
    })

    it('compresses what was built, once', async () => {
      const { run } = user('building')
      const context = space.folder('built', { Dockerfile: 'FROM scratch\nCOPY a /a\n', a: 'a'.repeat(5000) })
      const name = `${registry.host}/built`
      expect((await run(['build', '-t', `${name}:1`, '-t', `${name}:2`, context])).code).toBe(0)
      const all = await run(['push', '--all-tags', name])
      expect([all.code, all.stdout.match(/^\d: digest: /gm)]).toEqual([0, ['1: digest: ', '2: digest: ']])
      expect(inspect(`${name}:1`).Digest).toBe(inspect(`${name}:2`).Digest)
      const gzip = manifestOf(`${name}:1`)
      expect(gzip.layers.map(({ mediaType }) => mediaType)).toEqual([
        'application/vnd.oci.image.layer.v1.tar+gzip',
      ])
      const plain = await run(['push', '--compression', 'uncompressed', `${name}:1`, `${name}:plain`])
      expect(plain.code).toBe(0)
      expect(manifestOf(`${name}:plain`).layers[0]!.mediaType).toBe('application/vnd.oci.image.layer.v1.tar')
      const zstd = await run(['push', '--compression=zstd', `${name}:1`, `${name}:zstd`])
      if (zstd.code === 0) expect(manifestOf(`${name}:zstd`).layers[0]!.mediaType).toMatch(/zstd$/)
      else expect([zstd.code, zstd.stderr]).toEqual([1, expect.stringContaining('E_COMPRESSION_UNSUPPORTED')])
      const podman = hostTool('podman')
      if (podman === undefined) return
      const apart = podmanApart(space.path('.'))
      try {
        podman([...apart, 'pull', '--tls-verify=false', `${name}:1`])
        const mounted = podman([...apart, 'image', 'mount', `${name}:1`]).trim()
        expect(readFileSync(join(mounted, 'a'), 'utf8')).toBe('a'.repeat(5000))
      } finally {
        podman([...apart, 'image', 'unmount', '--all'])
        podman([...apart, 'system', 'reset', '--force'])
      }
    })

    it('needs to be told where, and what', async () => {
      const { run } = user('nowhere')
      await run(['pull', '-q', base])
      const id = (await run(['images', '-q', '--no-trunc'])).stdout.trim()
      expect((await run(['push', id])).stderr).toMatch(/E_CLI[\s\S]*write cooper push/)
      expect((await run(['push', 'nothing'])).stderr).toContain('E_IMAGE_NOT_FOUND')
      expect((await run(['push', '-a', base])).stderr).toContain('without a tag')
      expect((await run(['push', '-a', 'nothing'])).stderr).toContain('no tag of nothing')
    })
  })

  describe('copy', () => {
    it('keeps digests from place to place', async () => {
      const { run, home } = user('copying')
      const places = [
        `docker://${base}`,
        `oci:${home}/layout:one`,
        `oci-archive:${home}/a.tar:one`,
        'store:kept:1',
        `docker://${registry.host}/copied:1`,
        `docker-archive:${home}/d.tar:app:1`,
        `docker://${registry.host}/copied:2`,
      ]
      for (let at = 1; at < places.length; at++) {
        const { code, stdout, stderr } = await run(['copy', '-q', places[at - 1]!, places[at]!])
        expect([code, stdout, stderr], places[at]!).toEqual([0, `${seeded.amd64.digest}\n`, ''])
      }
      expect(inspect(`${registry.host}/copied:2`).Digest).toBe(seeded.amd64.digest)
      expect(skopeo(['inspect', `oci:${home}/layout:one`])).toContain(seeded.amd64.digest)
      expect(skopeo(['inspect', `oci-archive:${home}/a.tar:one`])).toContain(seeded.amd64.digest)
      expect(skopeo(['inspect', `docker-archive:${home}/d.tar:app:1`])).toContain('"RepoTags"')
    })

    it('takes one platform, or all, between registries', async () => {
      const { run } = user('mirroring')
      const other = await distributionRegistry()
      const all = await run(['copy', '--all', `docker://${base}`, `docker://${other.host}/all:1`])
      expect([all.code, all.stdout]).toEqual([0, `${seeded.index.digest}\n`])
      const arm = ['copy', '--platform', 'linux/arm64', `docker://${base}`, `docker://${other.host}/arm:1`]
      expect((await run(arm)).stdout).toBe(`${seeded.arm64.digest}\n`)
      expect(skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${other.host}/all:1`])).toBe(
        skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${base}`]),
      )
    })

    it('reads what skopeo wrote', async () => {
      const { run, home } = user('from-skopeo')
      const source = ['--src-tls-verify=false', `docker://${base}`]
      skopeo(['copy', '--all', ...source, `oci:${home}/s:seed`])
      skopeo(['copy', ...source, `docker-archive:${home}/s.tar:seed:1`])
      const oci = await run(['copy', '--all', `oci:${home}/s:seed`, 'store:from-oci'])
      expect(oci.stdout).toBe(`${seeded.index.digest}\n`)
      expect((await run(['copy', `docker-archive:${home}/s.tar:seed:1`, 'store:from-docker'])).code).toBe(0)
      const names = (await run(['images', '--format', 'json'])).stdout
      expect(names.match(/"Repository":"from-[a-z]+"/g)).toHaveLength(2)
      const wrong = await run(['copy', `docker-archive:${home}/s.tar:none:1`, 'store:x'])
      expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/E_ARCHIVE_REF.*seed:1/)])
    })
  })

  describe('manifest inspect', () => {
    it('gives the bytes, a summary, and JSON', async () => {
      const { run } = user('manifests')
      const raw = await run(['manifest', 'inspect', '--raw', base])
      expect(raw.stdout).toBe(skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${base}`]))
      const text = await run(['manifest', 'inspect', base])
      expect(text.stdout).toBe(
        [
          `Name:      ${base}`,
          'MediaType: application/vnd.oci.image.index.v1+json',
          `Digest:    ${seeded.index.digest}`,
          '',
          'Manifests:',
          `  Name:      ${base}@${seeded.amd64.digest}`,
          '  MediaType: application/vnd.oci.image.manifest.v1+json',
          '  Platform:  linux/amd64',
          '',
          `  Name:      ${base}@${seeded.arm64.digest}`,
          '  MediaType: application/vnd.oci.image.manifest.v1+json',
          '  Platform:  linux/arm64',
          '',
        ].join('\n'),
      )
      const json = JSON.parse((await run(['manifest', 'inspect', '--format', 'json', base])).stdout)
      expect(json).toMatchObject({
        name: base,
        manifest: { digest: seeded.index.digest, size: seeded.index.size },
        image: { 'linux/amd64': { architecture: 'amd64' }, 'linux/arm64': { architecture: 'arm64' } },
      })
      expect((await run(['manifest', 'inpsect', base])).stderr).toContain('did you mean inspect?')
    })

    const docker = rivalDocker()
    it.skipIf(docker === undefined)('says what docker buildx imagetools says', async () => {
      const { run } = user('imagetools')
      for (const name of [base, `${registry.host}/team/base@${seeded.amd64.digest}`]) {
        const ours = JSON.parse((await run(['manifest', 'inspect', '--format', 'json', name])).stdout)
        const theirs = docker!(['buildx', 'imagetools', 'inspect', '--format', '{{json .}}', name])
        expect(ours).toEqual(JSON.parse(theirs))
        const text = docker!(['buildx', 'imagetools', 'inspect', name])
        const lines = (output: string) =>
          output
            .split('\n')
            .map((line) => line.trimEnd())
            .filter(Boolean)
        expect(lines((await run(['manifest', 'inspect', name])).stdout)).toEqual(lines(text))
      }
    })
  })

  it('tags are listed', async () => {
    const { run } = user('tags')
    for (const tag of ['b', 'a', 'c']) skopeoTag(base, `${registry.host}/tagged:${tag}`)
    expect((await run(['tags', `${registry.host}/tagged`])).stdout.split('\n').sort()).toEqual([
      '',
      'a',
      'b',
      'c',
    ])
    const json = JSON.parse((await run(['tags', '--format', 'json', `${registry.host}/tagged`])).stdout)
    expect(json).toMatchObject({ name: `${registry.host}/tagged` })
    expect(json.tags.sort()).toEqual(['a', 'b', 'c'])
    const none = await run(['tags', `${registry.host}/nothing`])
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('E_REG_NOT_FOUND')])
  })

  describe('a configuration', () => {
    it('asks mirrors first, and the registry for what they lack', async () => {
      const mirror = await distributionRegistry()
      const [before, behind] = [await door(mirror), await door(registry)]
      const { run, file } = user('mirrors')
      file(
        '.config/cooperage/config.toml',
        `[[registry]]\nprefix = "example.invalid/team"\nlocation = "${behind.host}/team"\n` +
          `[[registry.mirror]]\nlocation = "${before.host}/hub"\n`,
      )
      const name = 'example.invalid/team/base:1'
      const first = await run(['pull', name])
      expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('MirrorPassedOver')])
      expect(before.asked).toContain('HEAD /v2/hub/base/manifests/1')
      expect(behind.asked.length).toBeGreaterThan(2)
      skopeoTag(base, `${mirror.host}/hub/base:1`)
      behind.asked.length = 0
      await run(['rmi', name])
      await run(['prune', '--grace', '0s'])
      const second = await run(['pull', name])
      expect([second.code, behind.asked]).toEqual([0, []])
    })

    it('blocks, and expands aliases, also that of podman', async () => {
      const { run, file } = user('rules')
      file(
        '.config/containers/registries.conf',
        `[[registry]]\nprefix = "${registry.host}/team"\nblocked = true\n`,
      )
      const blocked = await run(['pull', base])
      expect([blocked.code, blocked.stderr]).toEqual([1, expect.stringContaining('E_REG_BLOCKED')])
      file('.config/containers/registries.conf', `[aliases]\nmine = "${registry.host}/team/base"\n`)
      expect((await run(['pull', '-q', 'mine:1'])).stdout).toBe(`${base}\n`)
      file('.config/cooperage/config.toml', 'registries-conf = false\n[[registry]]\nprefix = 5\n')
      const wrong = await run(['pull', base])
      expect([wrong.code, wrong.stderr]).toEqual([
        1,
        expect.stringMatching(/E_CONFIG_FILE.*prefix is no text/),
      ])
    })
  })

  function skopeoTag(from: string, to: string): void {
    skopeo([
      'copy',
      '--all',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${from}`,
      `docker://${to}`,
    ])
  }

  function manifestOf(name: string) {
    const raw = skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${name}`])
    return parseManifest(Buffer.from(raw))
  }
})

describe.skipIf(!isReady)('a registry with users', () => {
  let registry: DistributionRegistry
  let name: string
  beforeAll(async () => {
    registry = await distributionRegistry({ htpasswd: USER_LINE })
    name = `${registry.host}/secret:1`
    await seedRegistry(name, ['--dest-tls-verify=false', '--dest-creds=me:secret'])
  })

  it('takes whoever is logged in, and nobody else', async () => {
    const { run, home } = user('login')
    const stranger = await run(['pull', name])
    expect([stranger.code, stranger.stderr]).toEqual([
      3,
      expect.stringMatching(new RegExp(`E_REG_DENIED[\\s\\S]*cooper login ${registry.host}`)),
    ])
    const wrong = await run(['login', '-u', 'me', '--password-stdin', registry.host], 'wrong\n')
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('E_REG_DENIED')])
    expect(wrong.stderr.replace('password is wrong', '')).not.toContain('wrong')
    expect(wrong.stderr).toContain('hint: the user name or the password is wrong')
    const login = await run(['login', '-u', 'me', '--password-stdin', registry.host], 'secret\n')
    expect([login.code, login.stdout]).toEqual([0, 'Login Succeeded\n'])
    expect(login.stderr).toContain(`unencrypted in ${home}/.docker/config.json`)
    expect((await run(['pull', '-q', name])).code).toBe(0)
    const authfile = join(home, '.docker/config.json')
    expect(skopeo(['inspect', '--tls-verify=false', '--authfile', authfile, `docker://${name}`])).toContain(
      'Digest',
    )
    const copied = `${registry.host}/copied:1`
    expect((await run(['push', '-q', name, copied])).stdout).toBe(`${copied}\n`)
    const context = space.folder('login/context', { Dockerfile: `FROM ${name}\nENV A=b\n` })
    const built = await run([
      'build',
      '-t',
      `${registry.host}/built:1`,
      '--push',
      '--progress=rawjson',
      context,
    ])
    expect(built.code, built.stderr).toBe(0)
    for (const secret of ['me:secret', Buffer.from('me:secret').toString('base64')]) {
      expect(built.stderr).not.toContain(secret)
      expect(filesWith(join(home, '.local'), secret)).toEqual([])
    }
    expect((await run(['logout', registry.host])).stdout).toBe(
      `Removed the credentials for ${registry.host} in ${authfile}\n`,
    )
    expect((await run(['logout', registry.host])).stdout).toBe(`Not logged in to ${registry.host}\n`)
    expect((await run(['pull', name])).code).toBe(3)
  })

  it('takes what podman and Docker know', async () => {
    const auths = { auths: { [registry.host]: { auth: Buffer.from('me:secret').toString('base64') } } }
    const text = JSON.stringify(auths)
    const podman = user('podman-auth', { XDG_RUNTIME_DIR: space.folder('podman-auth-run', {}) })
    mkdirSync(space.path('podman-auth-run/containers'))
    writeFileSync(space.path('podman-auth-run/containers/auth.json'), text)
    expect((await podman.run(['pull', '-q', name])).code).toBe(0)
    expect((await user('variable', { DOCKER_AUTH_CONFIG: text }).run(['pull', '-q', name])).code).toBe(0)
  })

  it('takes what a helper keeps, and the helper what login gives it', async () => {
    const PATH = credentialHelper(space.path('helper/bin'), 'keeper')
    const { run, file, home } = user('helper', { PATH })
    file('.docker/config.json', '{"credsStore":"keeper"}')
    const login = await run(['login', '-u', 'me', '--password-stdin', registry.host], 'secret')
    expect([login.code, login.stdout, login.stderr]).toEqual([0, 'Login Succeeded\n', ''])
    expect(readFileSync(join(home, '.docker/config.json'), 'utf8')).not.toContain('auth"')
    expect((await run(['pull', '-q', name])).code).toBe(0)
    expect((await run(['logout', registry.host])).stdout).toContain('docker-credential-keeper')
    expect((await run(['pull', '-q', name])).code).toBe(3)
  })

  it('is logged in to from a terminal, where the password is not shown', async () => {
    if (hostTool('python3') === undefined) return
    const home = space.folder('terminal', {})
    const shown = execFileSync('python3', [terminalScript(home)], {
      env: { PATH: process.env.PATH, HOME: home, HOST: registry.host },
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(shown).toContain('Username for')
    expect(shown).toContain('Login Succeeded')
    expect(shown).not.toContain('secret')
  })

  it('asks for a password that is somewhere', async () => {
    const { run } = user('unasked')
    expect((await run(['login', registry.host])).stderr).toContain('no user name was given')
    expect((await run(['login', '-u', 'me', registry.host])).stderr).toMatch(
      /no password[\s\S]*--password-stdin/,
    )
    expect((await run(['login', 'Not A Host'])).stderr).toContain('not a registry')
    expect((await run(['login', 'ghcr.io/acme'])).stderr).toContain('kept for a host')
    const argument = await run(['login', '-u', 'me', '-p', 'secret', registry.host])
    expect([argument.code, argument.stderr]).toEqual([0, expect.stringContaining('list of processes')])
    expect(argument.stderr).not.toContain('secret')
  })
})

/** Paths of the files below a folder in which the text stands. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
}

/** A program that runs `cooper login` on a terminal, types what it is asked for, and prints what was shown. */
function terminalScript(folder: string): string {
  const path = join(folder, 'login.py')
  const bin = join(import.meta.dirname, '../packages/cli/dist/bin.js')
  writeFileSync(
    path,
    `import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(${JSON.stringify(process.execPath)}, ["node", ${JSON.stringify(bin)}, "login", os.environ["HOST"]])
shown, asked = b"", [(b"Username for", b"me\\r"), (b"Password:", b"seX\\x7fcret\\r")]
while True:
    try:
        data = os.read(fd, 1024)
    except OSError:
        break
    if not data:
        break
    shown += data
    if asked and asked[0][0] in shown:
        os.write(fd, asked.pop(0)[1])
os.waitpid(pid, 0)
sys.stdout.write(shown.decode())
`,
  )
  return path
}

describe.skipIf(!isReady || !hasTool('openssl'))('a registry with TLS', () => {
  it('is judged by certs.d, and by nothing when one says so', async () => {
    const authority = makeAuthority(space.path('tls'))
    const registry = await distributionRegistry({ tls: authority.issue('server') })
    const name = `${registry.host}/a:1`
    await seedRegistry(name, ['--dest-tls-verify=false'])
    const { run, home, file } = user('tls-user')
    const distrusted = await run(['pull', name])
    expect([distrusted.code, distrusted.stderr]).toEqual([3, expect.stringContaining('E_TLS')])
    expect((await run(['pull', '-q', '--tls-verify=false', name])).code).toBe(0)
    const folder = join(home, '.config/containers/certs.d', registry.host)
    mkdirSync(folder, { recursive: true })
    copyFileSync(authority.certFile, join(folder, 'ca.crt'))
    expect((await run(['pull', '-q', name])).code).toBe(0)
    expect((await run(['push', name, `${registry.host}/b:1`])).code).toBe(0)
    file('.config/cooperage/config.toml', `[[registry]]\nprefix = "${registry.host}"\ninsecure = true\n`)
    copyFileSync(makeAuthority(space.path('stranger')).certFile, join(folder, 'ca.crt'))
    expect((await run(['tags', `${registry.host}/a`])).stdout).toBe('1\n')
    copyFileSync(authority.keyFile, join(folder, 'ca.crt'))
    const wrong = await run(['tags', `${registry.host}/a`])
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/E_REG_CERTIFICATE.*ca\.crt/)])
  })
})
