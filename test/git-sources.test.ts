import { execFile, execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import { type Loopback, loopback } from './loopback.js'
import { rivalCommand } from './rival-tools.js'
import { tarListing } from './tar-listing.js'
import { workspace } from './workspace.js'

const space = workspace('git-sources')
const docker = rivalCommand()
const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
const file = (text: string, mode = '644') => `file ${mode} 0:0 1600000000 ${sha(text)}`
const names: Record<string, string> = {}
let server: Loopback
let url: string

beforeAll(async () => {
  const source = space.folder('source', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  names.first = commit(source, { 'old.txt': 'old\n', Dockerfile: 'FROM scratch\nCOPY old.txt /\n' })
  git(source, 'tag', 'v1')
  git(source, 'tag', '--annotate', '-m', 'a tag', 'annotated')
  mkdirSync(join(source, 'sub/deep'), { recursive: true })
  writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n')
  chmodSync(join(source, 'run.sh'), 0o755)
  symlinkSync('sub/deep', join(source, 'link'))
  const ignoring = { '.gitattributes': 'hidden export-ignore\nkept export-subst\n*.big filter=lfs\n' }
  names.second = commit(source, {
    ...ignoring,
    hidden: 'not hidden\n',
    kept: '$Format:%H$\n',
    'large.big': 'a pointer\n',
    'sub/deep/f': 'deep\n',
    'sub/Dockerfile': 'FROM scratch\nCOPY . /sub/\n',
    '.dockerignore': '**\n',
    Dockerfile: 'FROM scratch\nCOPY . /all/\n',
  })
  git(source, 'checkout', '--quiet', '-b', 'side')
  names.side = commit(source, { side: 'side\n' })
  git(source, 'checkout', '--quiet', '--detach')
  names.loose = commit(source, { loose: 'loose\n' })
  git(source, 'update-ref', 'refs/pull/1/head', names.loose)
  // A branch that is called as a commit is: the commit's name means the commit.
  git(source, 'update-ref', `refs/heads/${names.first}`, names.side)
  git(source, 'checkout', '--quiet', 'main')
  const modules = space.folder('modules', {})
  git(modules, 'init', '--quiet', '--initial-branch=main')
  commit(modules, {
    'a/b': 'b\n',
    '.gitmodules': '[submodule "m"]\n\tpath = m\n\turl = https://far.invalid/m.git\n',
  })
  git(modules, 'update-index', '--add', '--cacheinfo', `160000,${names.first},m`)
  git(modules, 'commit', '--quiet', '-m', 'a submodule')
  for (const name of ['source', 'modules'])
    git(space.root, 'clone', '--quiet', '--mirror', name, `served/${name}.git`)
  server = await gitServer(space.path('served'))
  url = `${server.origin}/source.git`
})

let builds = 0

async function built(
  dockerfile: string,
  options: { readonly home?: string; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const name = `build-${builds++}`
  const context = space.folder(name, { Dockerfile: `FROM scratch\n${dockerfile}` })
  const home = options.home ?? space.path(`home-${name}`)
  const run = await space.run(['build', '-o', `type=tar,dest=${name}.tar`, context], {
    env: { HOME: home, ...options.env },
  })
  const rows = run.code === 0 ? await tarListing(space.path(`${name}.tar`)) : {}
  return { ...run, rows, context, home }
}

describe('ADD of a git repository', () => {
  it('gives the files of its default branch, as a checkout has them, with the time of the commit', async () => {
    const { rows, stderr } = await built(`ADD ${url} /r/\n`)
    expect(rows, stderr).toEqual({
      r: 'directory 755 0:0',
      'r/.dockerignore': file('**\n'),
      'r/.gitattributes': file('hidden export-ignore\nkept export-subst\n*.big filter=lfs\n'),
      'r/Dockerfile': file('FROM scratch\nCOPY . /all/\n'),
      'r/hidden': file('not hidden\n'),
      'r/kept': file('$Format:%H$\n'),
      'r/large.big': file('a pointer\n'),
      'r/link': 'symlink  0:0 1600000000 sub/deep',
      'r/old.txt': file('old\n'),
      'r/run.sh': file('#!/bin/sh\n', '755'),
      'r/sub': 'directory 755 0:0',
      'r/sub/Dockerfile': file('FROM scratch\nCOPY . /sub/\n'),
      'r/sub/deep': 'directory 755 0:0',
      'r/sub/deep/f': file('deep\n'),
    })
  })

  it('finds branches, tags, other names and commits, and takes a subdirectory', async () => {
    const { rows, stderr } = await built(
      [
        `ADD ${url}#side /side/`,
        `ADD ${url}#v1 /v1/`,
        `ADD ${url}?tag=annotated /annotated/`,
        `ADD ${url}#pull/1/head /pull/`,
        `ADD ${url}#${names.first} /commit/`,
        `ADD --chown=1:2 ${url}?subdir=sub/deep&ref=main /deep/`,
        `ADD --exclude=Dockerfile ${url}#main:sub /part/`,
        '',
      ].join('\n'),
    )
    expect(rows, stderr).toMatchObject({
      'side/side': file('side\n'),
      'v1/old.txt': file('old\n'),
      'annotated/old.txt': file('old\n'),
      'pull/loose': file('loose\n'),
      'commit/old.txt': file('old\n'),
      'deep/f': file('deep\n').replace('0:0', '1:2'),
      'part/deep/f': file('deep\n'),
    })
    for (const absent of ['v1/hidden', 'commit/side', 'part/Dockerfile'])
      expect(rows).not.toHaveProperty([absent])
  })

  it('is checked against the beginning of a commit', async () => {
    const good = await built(`ADD --checksum=${names.first!.slice(0, 12)} ${url}#v1 /\n`)
    expect(good.rows).toMatchObject({ 'old.txt': file('old\n') })
    const bad = await built(`ADD ${url}?tag=v1&checksum=${names.second} /\n`)
    expect(bad.stderr).toMatch(new RegExp(`E_GIT_CHECKSUM|expected checksum to match ${names.second}`))
    expect(bad.code).toBe(3)
    const short = await built(`ADD --checksum=abc ${url} /\n`)
    expect(short.stderr).toContain('E_GIT_CHECKSUM')
  })

  it('is not fetched again while the commit is the same, and nobody is asked when the commit is named', async () => {
    const first = await built(`ADD ${url}#side /\n`)
    const asked = server.asked.length
    const again = await built(`ADD ${url}#side /\n`, { home: first.home })
    expect(again.stderr).toContain('1 of 1 steps from the cache')
    const sent = server.asked.slice(asked).filter((line) => line.startsWith('POST'))
    expect(sent).toHaveLength(1)
    const named = await built(`ADD ${url}#${names.side} /other/\n`, { home: first.home })
    expect(named.rows).toMatchObject({ 'other/side': file('side\n') })
    expect(server.asked.slice(asked).filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  it.each([
    ['#no-such', 'E_GIT_REF'],
    [`#${'0'.repeat(40)}`, 'E_GIT_REF'],
    ['#--upload-pack=touch', 'E_GIT_REF'],
    ['?ref=a*', 'E_GIT_REF'],
    ['#main:no', 'E_GIT_SUBDIR'],
    ['#main:link', 'E_GIT_SUBDIR'],
    ['#main:hidden', 'E_GIT_SUBDIR'],
    ['?subdir=link/f', 'E_GIT_SUBDIR'],
    ['?mtime=checkout', 'E_GIT_UNSERVED'],
    ['?x=y', 'E_GIT_URL'],
  ])('with %s is refused with %s', async (rest, code) => {
    const { stderr, code: exit } = await built(`ADD ${url}${rest} /\n`)
    expect(stderr).toContain(code)
    expect(exit).toBe(1)
    expect(stderr).toMatch(/Dockerfile:2/)
  })

  it('leaves submodules out only when told to', async () => {
    const modules = `${server.origin}/modules.git`
    const refused = await built(`ADD ${modules} /\n`)
    expect(refused.stderr).toMatch(/E_GIT_CONNECT[\s\S]*submodule "m"/)
    const { rows, stderr } = await built(`ADD ${modules}?submodules=false /x/\nADD ${modules}#main:a /y/\n`)
    expect(rows, stderr).toMatchObject({
      'x/m': 'directory 755 0:0',
      'x/a/b': file('b\n'),
      'y/b': file('b\n'),
    })
  })

  it('fails at once, and without a question, where a password is wanted', async () => {
    const locked = await gitServer(space.path('served'), { user: 'me:canary' })
    const { stderr, code } = await built(`ADD ${locked.origin}/source.git /\n`)
    expect(stderr).toContain('E_GIT_AUTH')
    expect(code).toBe(3)
    const withUser = locked.origin.replace('//', '//me:canary@')
    const { rows } = await built(`ADD ${withUser}/source.git#v1 /\n`)
    expect(rows).toMatchObject({ 'old.txt': file('old\n') })
    const wrong = await built(`ARG URL=${withUser.replace('me:', 'you:')}/source.git\nADD $URL /\n`)
    expect(wrong.stderr).toContain('E_GIT_AUTH')
  })

  it('says what is missing: a repository, a server, git itself', async () => {
    expect((await built(`ADD ${server.origin}/none.git /\n`)).stderr).toContain('E_GIT_NOT_FOUND')
    expect((await built('ADD git://127.0.0.1:1/x /\n')).stderr).toContain('E_GIT_CONNECT')
    const bare = space.folder('no-git', {})
    expect((await built(`ADD ${url} /\n`, { env: { PATH: bare } })).stderr).toMatch(
      /E_GIT_MISSING[\s\S]*install git/,
    )
  })

  it('runs nothing that a user or a repository configured', async () => {
    const home = space.folder('home-traps', {
      '.gitconfig': `[core]\n\tsshCommand = touch ${space.path('trap')}\n[url "https://far.invalid/"]\n\tinsteadOf = ${server.origin}/\n[filter "lfs"]\n\tsmudge = touch ${space.path('trap')}\n`,
    })
    const { rows } = await built(`ADD ${url} /\n`, { home })
    expect(rows).toMatchObject({ 'large.big': file('a pointer\n') })
    expect(readdirSync(space.root)).not.toContain('trap')
  })

  it('goes over ssh with a host that is asked nothing', async () => {
    const bin = space.folder('bin', {
      // What sshd would run: the last argument is the command.
      ssh: `#!/bin/sh\necho "$@" >> ${space.path('ssh-args')}\nfor last; do :; done\ncd ${space.path('served')}\neval "exec $last"\n`,
    })
    chmodSync(join(bin, 'ssh'), 0o755)
    const env = { PATH: `${bin}:${process.env.PATH}` }
    const { rows, stderr } = await built('ADD me@far.invalid:source.git#v1 /\n', { env })
    expect(rows, stderr).toMatchObject({ 'old.txt': file('old\n') })
    writeFileSync(
      join(bin, 'ssh'),
      '#!/bin/sh\nprintf "ssh: connect to host far.invalid port 22: Connection refused\\r\\n" >&2\nexit 255\n',
    )
    const away = await built('ADD me@far.invalid:other.git#v1 /\n', { env })
    expect(away.stderr).toContain('Connection refused; fatal: ')
    const refused = await built('ADD ssh://-oProxyCommand=x/y /\n', { env })
    expect(refused.stderr).toContain('E_GIT_URL')
  })

  it('ends with its processes and its files when the server falls silent or the build is aborted', async () => {
    const silent = await loopback(() => {})
    // Other tests of this machine have folders of theirs.
    const temporary = space.folder('temporary', {})
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { build, memory } = await import('@cooperage/builder')
    const { openStore } = await import('@cooperage/store')
    await using store = await openStore({ path: space.path('silent-store') })
    const start = (remote: object) =>
      build({
        store,
        context: memory({ Dockerfile: `FROM scratch\nADD ${silent.origin}/x.git#${names.first} /\n` }),
        remote,
      })
    const environment = { PATH: process.env.PATH }
    await expect(start({ environment, timeout: 300 })).rejects.toMatchObject({ code: 'E_GIT_TIMEOUT' })
    const running = start({ environment })
    setTimeout(() => running.abort(new Error('enough')), 300)
    await expect(running).rejects.toThrow('enough')
    expect(readdirSync(temporary)).toEqual([])
    expect(processesWith(silent.origin)).toEqual([])
  })

  it('takes no more than the limit, while it is fetched and when it is unpacked', async () => {
    const big = space.folder('big', {})
    git(big, 'init', '--quiet', '--initial-branch=main')
    writeFileSync(join(big, 'random'), randomBytes(3_000_000))
    git(big, 'checkout', '--quiet', '-b', 'zeros')
    const random = commit(big, {})
    writeFileSync(join(big, 'random'), Buffer.alloc(3_000_000))
    commit(big, {})
    git(space.root, 'clone', '--quiet', '--mirror', 'big', 'served/big.git')
    // Slow enough to be looked at while it comes.
    const slow = await gitServer(space.path('served'), { delay: 700 })
    const { build, memory } = await import('@cooperage/builder')
    const { openStore } = await import('@cooperage/store')
    await using store = await openStore({ path: space.path('big-store') })
    for (const ref of [random, 'zeros']) {
      const context = memory({ Dockerfile: `FROM scratch\nADD ${slow.origin}/big.git#${ref} /\n` })
      const remote = { environment: { PATH: process.env.PATH }, maxBytes: 1_000_000 }
      await expect(build({ store, context, remote })).rejects.toMatchObject({ code: 'E_LIMIT' })
    }
  })

  it('gives no credentials to another origin, and follows no redirect from https to http', async () => {
    const away = await loopback(({ url = '' }, response) => {
      response.writeHead(302, { location: server.origin + url }).end()
    })
    const before = server.requests.length
    const { rows, stderr } = await built(`ADD ${away.origin.replace('//', '//me:canary@')}/source.git#v1 /\n`)
    expect(rows, stderr).toMatchObject({ 'old.txt': file('old\n') })
    const seen = server.requests.slice(before)
    expect(seen.length).toBeGreaterThan(1)
    expect(JSON.stringify(seen.map(({ rawHeaders, url }) => [rawHeaders, url]))).not.toMatch(
      /canary|uthorization/,
    )

    const key = space.path('key.pem')
    const cert = space.path('cert.pem')
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
    ]
    execFileSync('openssl', [...request, ...names], { stdio: 'ignore' })
    const tls = await loopback(
      ({ url = '' }, response) => void response.writeHead(302, { location: server.origin + url }).end(),
      { key: readFileSync(key), cert: readFileSync(cert) },
    )
    const count = server.requests.length
    const down = await built(`ADD ${tls.origin}/source.git#v1 /\n`, { env: { GIT_SSL_CAINFO: cert } })
    expect(down.stderr).toMatch(/E_GIT_/)
    expect([tls.requests.length, server.requests.length]).toEqual([1, count])
  })

  it.skipIf(docker === undefined)('gives what BuildKit gives', async () => {
    const { rows, context } = await built(
      `ADD ${url} /r/\nADD --chown=3:4 ${url}#main:sub /s\nADD ${url}#side /t/\nADD ${url}#pull/1/head /p/\nADD ${url}#annotated /a/\n`,
    )
    const dest = space.path('docker.tar')
    const [command, ...first] = docker!
    const args = ['buildx', 'build', '--network', 'host', '-o', `type=tar,dest=${dest}`, context]
    await promisify(execFile)(command, [...first, ...args])
    // Its files have the time of the checkout.
    const untimed = (listing: Record<string, string>) =>
      Object.entries(listing)
        .map(([name, row]) => `${name} ${row.replace(/(\d+:\d+) \d+/, '$1')}`)
        .sort()
    expect(untimed(rows)).toEqual(untimed(await tarListing(dest)))
  })
})

/** Processes of this machine in whose environment the text stands. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(text)
    } catch {
      return false
    }
  })
}
