import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import type { Loopback } from './loopback.js'
import { rivalCommand } from './rival-tools.js'
import { tarListing } from './tar-listing.js'
import { workspace } from './workspace.js'

const space = workspace('git-checkouts')
const docker = rivalCommand()
const names: Record<string, string> = {}
let server: Loopback
let url: string

/** A repository below `served`, from files and submodules. */
function repository(
  name: string,
  files: Readonly<Record<string, string>>,
  options: {
    readonly links?: Readonly<Record<string, string>>
    readonly format?: string
    readonly tag?: string
  } = {},
): string {
  const source = space.folder(`source-${name}`, {})
  const format = options.format === undefined ? [] : [`--object-format=${options.format}`]
  if (!existsSync(join(source, '.git'))) git(source, 'init', '--quiet', '--initial-branch=main', ...format)
  commit(source, files)
  for (const [path, id] of Object.entries(options.links ?? {}))
    git(source, 'update-index', '--add', '--cacheinfo', `160000,${id},${path}`)
  if (options.links !== undefined) git(source, 'commit', '--quiet', '-m', 'links')
  if (options.tag !== undefined) git(source, 'tag', '--annotate', '-m', 'a tag', options.tag)
  rmSync(space.path(`served/${name}.git`), { recursive: true, force: true })
  git(space.root, 'clone', '--quiet', '--mirror', `source-${name}`, `served/${name}.git`)
  return git(source, 'rev-parse', 'HEAD')
}

const module = (name: string, path: string, url: string) =>
  `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${url}\n`

beforeAll(async () => {
  names.deep = repository('group/deep', { 'deep.txt': 'deep\n' })
  names.low = repository(
    'group/low',
    { 'low.txt': 'low\n', '.gitmodules': module('deep name', 'in/deep', '../deep.git') },
    { links: { 'in/deep': names.deep } },
  )
  // The submodule is pinned to what its branch has left behind.
  repository('group/low', { 'later.txt': 'later\n' })
  names.first = repository('app', { 'a.txt': 'a\n', 'old.txt': 'old\n', 'sub/s.txt': 's\n' })
  names.main = repository(
    'app',
    {
      'a.txt': 'a changed\n',
      'with blank/\u00e9': '\u00e9\n',
      '.gitmodules':
        module('low', 'mods/low', './../group/low.git') +
        `${module('off', 'off', '../no.git')}\tupdate = none\n`,
    },
    { links: { 'mods/low': names.low, off: names.deep }, tag: 'v2' },
  )
  server = await gitServer(space.path('served'))
  url = `${server.origin}/app.git`
})

let builds = 0

async function built(dockerfile: string, args: readonly string[] = []) {
  const name = `build-${builds++}`
  const context = space.folder(name, { Dockerfile: `FROM scratch\n${dockerfile}` })
  const home = space.path(`home-${name}`)
  const run = await space.run(['build', '-o', `type=tar,dest=${name}.tar`, ...args, context], {
    env: { HOME: home },
  })
  const rows = run.code === 0 ? await tarListing(space.path(`${name}.tar`)) : {}
  return { ...run, rows, context, tar: space.path(`${name}.tar`) }
}

/** What was built, unpacked, to let git look at it. */
function unpacked(tar: string): string {
  const folder = space.folder(`unpacked-${builds++}`, {})
  execFileSync('tar', ['-xf', tar, '-C', folder, '--no-same-owner'])
  return folder
}

describe('ADD --keep-git-dir', () => {
  it('gives a repository that git takes for a clean checkout', async () => {
    const { tar, rows, stderr } = await built(`ADD --keep-git-dir=true ${url}#main /r/\n`)
    expect(rows, stderr).toHaveProperty(['r/.git/HEAD'])
    const r = join(unpacked(tar), 'r')
    expect(git(r, 'rev-parse', 'HEAD')).toBe(names.main)
    expect(git(r, 'status', '--porcelain')).toBe('')
    expect(git(r, 'fsck', '--strict', '--no-dangling')).toBe('')
    expect(git(r, 'log', '--oneline').split('\n')).toHaveLength(1)
    expect(git(r, 'rev-parse', 'refs/heads/main')).toBe(names.main)
    expect(git(r, 'remote', 'get-url', 'origin')).toBe(url)
    expect(git(r, 'ls-files')).toBe(git(space.path('source-app'), 'ls-files'))
    expect(
      git(r, 'submodule', 'status', '--recursive')
        .split('\n')
        .map((line) => line.split(' ')[0] || line),
    ).toEqual([expect.stringContaining(names.low!), expect.stringContaining(names.deep!), `-${names.deep}`])
    const low = join(r, 'mods/low')
    expect([git(low, 'rev-parse', 'HEAD'), git(low, 'status', '--porcelain')]).toEqual([names.low, ''])
    expect(git(join(low, 'in/deep'), 'fsck', '--strict')).toBe('')
    // Not in one step: the server is this process.
    await promisify(execFile)('git', ['-C', r, 'fetch', '--quiet', '--unshallow', 'origin', 'main'])
    expect(git(r, 'log', '--oneline', 'FETCH_HEAD').split('\n').length).toBeGreaterThan(1)
  })

  it('keeps the tag that was asked for, and describes by it', async () => {
    const { tar, stderr, code } = await built(`ADD ${url}?tag=v2&keep-git-dir=1 /r/\n`)
    expect(code, stderr).toBe(0)
    const r = join(unpacked(tar), 'r')
    expect(git(r, 'describe', '--dirty')).toBe('v2')
    expect(git(r, 'cat-file', '-t', 'v2')).toBe('tag')
  })

  it('gives the same layer on every run, from whatever pack the server has', async () => {
    const dockerfile = `ADD --keep-git-dir=true ${url} /r/\n`
    const one = await built(dockerfile)
    git(space.path('served/app.git'), 'gc', '--quiet', '--aggressive', '--prune=now')
    const other = await built(dockerfile)
    const pack = (rows: object) => Object.keys(rows).filter((path) => path.startsWith('r/.git/objects/pack/'))
    expect(pack(one.rows)).toHaveLength(2)
    expect(other.rows).toEqual(one.rows)
    // A server that gives no commit by its name sends all it has.
    const old = await gitServer(space.path('served'))
    git(space.path('served/app.git'), 'config', 'uploadpack.allowAnySHA1InWant', 'false')
    const all = await built(`ADD --keep-git-dir=true ${old.origin}/app.git#${names.first} /r/\n`)
    const r = join(unpacked(all.tar), 'r')
    expect([git(r, 'rev-parse', 'HEAD'), git(r, 'status', '--porcelain')]).toEqual([names.first, ''])
    expect(git(r, 'rev-list', '--objects', 'HEAD').split('\n')).toHaveLength(
      Number(/in-pack: (\d+)/.exec(git(r, 'count-objects', '-v'))?.[1]),
    )
    expect(existsSync(join(r, '.git/packed-refs'))).toBe(false)
  })

  it('has no password in it, and is not for a subdirectory', async () => {
    const withUser = url.replace('//', '//me:canary@')
    const { tar, stderr, code } = await built('ARG U\nADD $U?keep-git-dir /r/\n', [
      '--build-arg',
      `U=${withUser}`,
    ])
    expect(code, stderr).toBe(0)
    expect(readFileSync(tar).includes('canary')).toBe(false)
    const part = await built(`ADD --keep-git-dir=true ${url}#main:sub /r/\n`)
    expect(Object.keys(part.rows)).toEqual(['r', 'r/s.txt'])
  })

  it('works for names of 256 bits', async () => {
    repository('wide', { f: 'f\n' }, { format: 'sha256' })
    const { tar, stderr, code } = await built(`ADD --keep-git-dir=true ${server.origin}/wide.git /r/\n`)
    expect(code, stderr).toBe(0)
    const r = join(unpacked(tar), 'r')
    expect([git(r, 'status', '--porcelain'), git(r, 'fsck', '--strict')]).toEqual(['', ''])
    expect(git(r, 'rev-parse', 'HEAD')).toHaveLength(64)
  })
})

describe('submodules', () => {
  it('come along, those of submodules too, unless they are switched off', async () => {
    const { rows, stderr } = await built(`ADD ${url} /r/\nADD ${url}?submodules=0 /no/\n`)
    expect(
      Object.keys(rows).filter((path) => !path.includes('.git')),
      stderr,
    ).toEqual(
      expect.arrayContaining(['r/mods/low/low.txt', 'r/mods/low/in/deep/deep.txt', 'r/off', 'no/mods/low']),
    )
    expect(Object.keys(rows).filter((path) => /later|\.git$|^no\/mods\/low\/|^r\/off\//.test(path))).toEqual(
      [],
    )
  })

  it('are fetched only below the subdirectory that is asked for, and may hold it', async () => {
    const part = await built(`ADD ${url}#main:sub /s/\n`)
    expect(Object.keys(part.rows)).toEqual(['s', 's/s.txt'])
    const asked = server.asked.length
    const inside = await built(`ADD ${url}?subdir=mods/low/in /i/\n`)
    expect(Object.keys(inside.rows), inside.stderr).toEqual(['i', 'i/deep', 'i/deep/deep.txt'])
    expect(server.asked.slice(asked).some((line) => line.includes('/group/deep.git'))).toBe(true)
    const beside = await built(`ADD ${url}?subdir=mods/low/low.txt /\n`)
    expect(beside.stderr).toContain('E_GIT_SUBDIR')
  })

  it.each([
    ['../../x.git/../../../y', /leads above its server/],
    ['/etc', /another machine/],
    ['file:///etc', /another machine/],
    ['ext::sh -c touch% trap', /another machine/],
    ['x/y', /another machine/],
    ['ssh://-oProxyCommand=touch/x', /names no host/],
    ['-u./trap', /another machine/],
    ['https://', /names no host/],
  ])('at %s are refused', async (place, says) => {
    repository('bad', { '.gitmodules': module('m', 'm', place) }, { links: { m: names.deep! } })
    const { stderr, code } = await built(`ADD ${server.origin}/bad.git#main /r/\n`)
    expect([stderr, code]).toEqual([expect.stringMatching(/E_GIT_SUBMODULE/), 1])
    expect(stderr).toMatch(says)
    const without = await built(`ADD ${server.origin}/bad.git?submodules=false /r/\n`)
    expect(without.rows, without.stderr).toHaveProperty(['r/m'])
  })

  it.each([
    ['no .gitmodules', {}, /names no URL/],
    [
      'two URLs',
      { '.gitmodules': module('m', 'm', '../app.git') + module('n', 'm', '../low.git') },
      /two URLs/,
    ],
    ['no sense', { '.gitmodules': '[submodule "m"\n' }, /cannot be read/],
    ['an include', { '.gitmodules': '[include]\n\tpath = /etc/passwd\n' }, /names no URL/],
    [
      'a name that leads away',
      { '.gitmodules': module('../../x', 'm', '../group/deep.git') },
      /names no URL/,
    ],
  ])('with %s are refused', async (_, files, says) => {
    rmSync(space.path('source-odd'), { recursive: true, force: true })
    repository('odd', { f: 'f', ...files }, { links: { m: names.deep! } })
    const { stderr } = await built(`ADD ${server.origin}/odd.git /r/\n`)
    expect(stderr).toMatch(/E_GIT_SUBMODULE/)
    expect(stderr).toMatch(says)
  })

  it('whose repositories would lie in one another are refused', async () => {
    const modules = module('a', 'x', '../group/deep.git') + module('a/objects', 'y', '../group/deep.git')
    repository('nested', { '.gitmodules': modules }, { links: { x: names.deep!, y: names.deep! } })
    const { stderr } = await built(`ADD --keep-git-dir=true ${server.origin}/nested.git /r/\n`)
    expect(stderr).toContain('E_GIT_SUBMODULE')
    expect((await built(`ADD ${server.origin}/nested.git /r/\n`)).rows).toHaveProperty(['r/y/deep.txt'])
  })

  it('without end come to one', async () => {
    // Each commit holds the one before as its submodule: twenty in one another.
    let last = repository('chain', { f: '0' })
    for (let i = 1; i <= 20; i++)
      last = repository(
        'chain',
        { f: String(i), '.gitmodules': module('c', 'c', '../chain.git') },
        { links: { c: last } },
      )
    const { stderr } = await built(`ADD ${server.origin}/chain.git /r/\n`)
    expect(stderr).toMatch(/E_LIMIT[\s\S]*over 16 submodules in one another/)
  })

  it('get the token of the repository at its own server, and no other server does', async () => {
    const user = 'x-access-token:canary'
    const home = await gitServer(space.path('served'), { user })
    const args = ['--secret', `id=GIT_AUTH_TOKEN,src=${space.folder('token', { token: 'canary\n' })}/token`]
    const near = await built(`ADD ${home.origin}/app.git /r/\n`, args)
    expect(near.rows, near.stderr).toHaveProperty(['r/mods/low/low.txt'])
    const away = await gitServer(space.path('served'), { user })
    repository(
      'far',
      { '.gitmodules': module('m', 'm', `${away.origin}/group/deep.git`) },
      { links: { m: names.deep! } },
    )
    const far = await built(`ADD ${home.origin}/far.git /r/\n`, args)
    expect(far.stderr).toMatch(/E_GIT_AUTH[\s\S]*submodule "m"/)
    expect(JSON.stringify(away.requests.map(({ rawHeaders }) => rawHeaders))).not.toMatch(/uthorization/)
    const named = args.map((arg) =>
      arg.replace('GIT_AUTH_TOKEN,', `GIT_AUTH_TOKEN.${new URL(away.origin).host},`),
    )
    const told = await built(`ADD ${home.origin}/far.git /r/\n`, [...args, ...named])
    expect(told.rows, told.stderr).toHaveProperty(['r/m/deep.txt'])
  })
})

describe('fetch-by-commit', () => {
  it('fetches the commit wherever its ref leads by now', async () => {
    const moved = await built(`ADD ${url}?branch=main&checksum=${names.first} /r/\n`)
    expect(moved.stderr).toContain('E_GIT_CHECKSUM')
    const asked = server.asked.length
    const { rows, stderr } = await built(
      `ADD ${url}?branch=main&checksum=${names.first}&fetch-by-commit=1 /r/\n`,
    )
    expect(rows, stderr).toHaveProperty(['r/old.txt'])
    // One request for what the server can do, one for the commit: none for its refs.
    expect(server.asked.slice(asked)).toHaveLength(2)
    for (const rest of ['', '&checksum=0123456']) {
      const refused = await built(`ADD ${url}?branch=main&fetch-by-commit${rest} /r/\n`)
      expect(refused.stderr).toMatch(/E_GIT_CHECKSUM/)
    }
  })
})

it('paths that git would not check out are refused', async () => {
  const source = space.folder('source-evil', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  commit(source, { hook: 'x' })
  const blob = git(source, 'rev-parse', 'HEAD:hook')
  for (const name of ['.git', '.GIT']) {
    const inner = execFileSync('git', ['mktree'], {
      cwd: source,
      input: `100644 blob ${blob}\tconfig\n`,
      encoding: 'utf8',
    })
    const tree = execFileSync('git', ['mktree'], {
      cwd: source,
      input: `040000 tree ${inner.trim()}\t${name}\n`,
      encoding: 'utf8',
    })
    const id = git(source, 'commit-tree', '-m', 'evil', tree.trim())
    git(source, 'update-ref', 'refs/heads/main', id)
    rmSync(space.path('served/evil.git'), { recursive: true, force: true })
    git(space.root, 'clone', '--quiet', '--mirror', '--no-local', 'source-evil', 'served/evil.git')
    const { stderr } = await built(`ADD ${server.origin}/evil.git#${id} /r/\n`)
    expect(stderr).toContain('E_GIT_TREE')
  }
})

it.skipIf(docker === undefined)('the files are those that BuildKit gives', { timeout: 120_000 }, async () => {
  const dockerfile = `ADD ${url} /r/\nADD --keep-git-dir=true ${url}#main /k/\n`
  const { rows, context, stderr, tar } = await built(dockerfile)
  expect(rows, stderr).toHaveProperty(['k/.git/HEAD'])
  const dest = space.path('docker.tar')
  const [command, ...first] = docker!
  const args = ['buildx', 'build', '--no-cache', '--network', 'host', '-o', `type=tar,dest=${dest}`, context]
  await promisify(execFile)(command, [...first, ...args])
  // Times of BuildKit's files are those of the checkout, and its .git and the .git of submodules differ on every run.
  const files = (listing: Record<string, string>) =>
    Object.entries(listing)
      .filter(([path]) => !/(?:^|\/)\.git(?:\/|$)/.test(path))
      .map(([name, row]) => `${name} ${row.replace(/(\d+:\d+) \d+/, '$1')}`)
      .sort()
  const theirs = await tarListing(dest)
  expect(files(rows)).toEqual(files(theirs))
  const [ours, other] = [unpacked(tar), unpacked(dest)]
  for (const ask of [
    ['rev-parse', 'HEAD'],
    ['status', '--porcelain'],
    ['ls-files', '-s'],
  ])
    expect(git(join(ours, 'k'), ...ask)).toBe(git(join(other, 'k'), ...ask))
})
