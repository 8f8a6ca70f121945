import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import { type Loopback, loopback } from './loopback.js'
import { rivalCommand } from './rival-tools.js'
import { tarListing } from './tar-listing.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('remote-contexts')
const docker = rivalCommand()
const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
const COPY_ALL = 'FROM scratch\nCOPY . /all/\n'
const TAR = tarOf([
  { name: 'Dockerfile', content: COPY_ALL, mode: 0o600, uid: 7, gid: 8, mtime: 1_500_000_000 },
  { name: 'other/Dockerfile', content: 'FROM scratch\nCOPY a /only-a\n', mtime: 1_500_000_000 },
  { name: 'a', content: 'a\n', mtime: 1_500_000_000 },
  { name: '.dockerignore', content: '**\n', mtime: 1_500_000_000 },
])
const BODIES: Readonly<Record<string, string | Buffer>> = {
  '/context.tar': TAR,
  '/context.tar.gz': gzipSync(TAR),
  '/Dockerfile': 'FROM scratch\nCOPY <<end /made\nmade\nend\nCOPY . /all/\n',
  '/page.html': '<!DOCTYPE html>\n<p>Log in, please</p>\n',
  '/cut.tar.gz': gzipSync(TAR).subarray(0, 200),
}
let web: Loopback
let repositories: Loopback
let url: string
let head: string

beforeAll(async () => {
  web = await loopback(({ url = '', headers }, response) => {
    const body = BODIES[url]
    if (body === undefined) return void response.writeHead(404).end()
    response.setHeader('etag', `"${url}"`)
    response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT')
    response.setHeader('content-disposition', 'attachment; filename="../other"')
    if (headers['if-none-match'] === `"${url}"`) response.writeHead(304).end()
    else response.end(body)
  })
  const source = space.folder('source', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  head = commit(source, {
    Dockerfile: COPY_ALL,
    a: 'a\n',
    '.dockerignore': '**\n',
    'sub/Dockerfile': 'FROM scratch\nCOPY f /\n',
    'sub/f': 'f\n',
    'sub/g': 'g\n',
    'sub/rules': 'f\n',
  })
  git(space.root, 'clone', '--quiet', '--mirror', 'source', 'served/app.git')
  repositories = await gitServer(space.path('served'))
  url = `${repositories.origin}/app.git`
})

let builds = 0

async function built(
  args: readonly string[],
  options: { readonly home?: string; readonly stdin?: string } = {},
) {
  const name = `out-${builds++}.tar`
  const home = options.home ?? space.path(`home-${builds}`)
  const { stdin } = options
  const run = await space.run(['build', '-o', `type=tar,dest=${name}`, ...args], {
    env: { HOME: home },
    ...(stdin === undefined ? {} : { stdin }),
  })
  return { ...run, home, rows: run.code === 0 ? await tarListing(space.path(name)) : {} }
}

describe('a git repository as the context', () => {
  it('gives the files of its commit; its .dockerignore is a file like any other', async () => {
    const { rows, stderr } = await built([url])
    expect(Object.keys(rows).sort(), stderr).toEqual([
      'all',
      'all/.dockerignore',
      'all/Dockerfile',
      'all/a',
      'all/sub',
      'all/sub/Dockerfile',
      'all/sub/f',
      'all/sub/g',
      'all/sub/rules',
    ])
    expect(rows['all/a']).toBe(`file 644 0:0 1600000000 ${sha('a\n')}`)
  })

  it('takes a ref, a subdirectory, another Dockerfile, and one from stdin', async () => {
    const f = { f: `file 644 0:0 1600000000 ${sha('f\n')}` }
    expect((await built([`${url}#main:sub`])).rows).toEqual(f)
    expect((await built([`${url}?subdir=sub&commit=${head}`])).rows).toEqual(f)
    expect((await built(['-f', 'sub/Dockerfile', `${url}#${head}`])).stderr).toContain('E_COPY_NOT_FOUND')
    const { rows } = await built(['-f', '-', url], { stdin: 'FROM scratch\nCOPY sub/g /\n' })
    expect(Object.keys(rows)).toEqual(['g'])
  })

  it('is not fetched, nor are its files read, while the commit is the same', async () => {
    const first = await built([url])
    const asked = repositories.asked.length
    const again = await built([url], { home: first.home })
    expect(again.stderr).toContain('1 of 1 steps from the cache')
    expect(repositories.asked.slice(asked).filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  it('leaves out what --ignore-from names when asked to', async () => {
    const args = ['-f', '-', '--ignore-from', 'rules', `${url}#main:sub`]
    const { rows, stderr } = await built(args, { stdin: COPY_ALL })
    expect(Object.keys(rows).sort(), stderr).toEqual(['all', 'all/Dockerfile', 'all/g', 'all/rules'])
  })

  it('names a build by the repository', async () => {
    const { code, stderr } = await space.run(['build', '-t', 'x/{name}:1', url], {
      env: { HOME: space.root },
    })
    expect(code, stderr).toBe(0)
    const { stdout } = await space.run(['images'], { env: { HOME: space.root } })
    expect(stdout).toMatch(/x\/app\s+1/)
  })

  it('brings its .git along when it is asked for, and no named context does', async () => {
    const keep = ['--build-arg', 'BUILDKIT_CONTEXT_KEEP_GIT_DIR=1']
    const { rows, stderr } = await built([...keep, url])
    expect(rows, stderr).toHaveProperty(['all/.git/HEAD'])
    expect((await built([`${url}?keep-git-dir=true`])).rows).toHaveProperty(['all/.git/HEAD'])
    const named = ['-f', '-', '--build-context', `there=${url}`, ...keep, space.folder('empty', {})]
    const other = await built(named, { stdin: 'FROM scratch\nCOPY --from=there . /there/\n' })
    expect(other.rows, other.stderr).toHaveProperty(['there/a'])
    expect(other.rows).not.toHaveProperty(['there/.git'])
  })

  it.skipIf(docker === undefined)('gives what BuildKit gives', async () => {
    const dest = space.path('docker.tar')
    const [command, ...first] = docker!
    await promisify(execFile)(command, [...first, 'buildx', 'build', '-o', `type=tar,dest=${dest}`, url])
    const untimed = (rows: Record<string, string>) =>
      Object.entries(rows).map(([name, row]) => `${name} ${row.replace(/(\d+:\d+) \d+/, '$1')}`)
    expect(untimed((await built([url])).rows).sort()).toEqual(untimed(await tarListing(dest)).sort())
  })
})

describe('a URL as the context', () => {
  it.each(['/context.tar', '/context.tar.gz'])('%s is unpacked, owners and all', async (path) => {
    const { rows, stderr } = await built([web.origin + path])
    expect(rows, stderr).toMatchObject({
      'all/Dockerfile': `file 600 7:8 1500000000 ${sha(COPY_ALL)}`,
      'all/a': `file 644 0:0 1500000000 ${sha('a\n')}`,
      'all/.dockerignore': expect.any(String),
    })
    const other = await built(['-f', 'other/Dockerfile', web.origin + path])
    expect(Object.keys(other.rows)).toEqual(['only-a'])
  })

  it('is sent once while the server has the same', async () => {
    const first = await built([`${web.origin}/context.tar`])
    const again = await built([`${web.origin}/context.tar`], { home: first.home })
    expect(again.stderr).toContain('1 of 1 steps from the cache')
    expect(web.requests.at(-1)?.headers['if-none-match']).toBe('"/context.tar"')
  })

  it('is a Dockerfile with nothing beside it when it is no archive, and --file names no other', async () => {
    for (const args of [[], ['-f', 'sub/Other']]) {
      const { rows, stderr } = await built([...args, `${web.origin}/Dockerfile`])
      expect(rows.made, stderr).toContain(sha('made\n'))
      expect(rows['all/context']).toMatch(/^file 600 0:0 1445412480 /)
    }
  })

  it.each([
    ['/page.html', /E_DF_/],
    ['/cut.tar.gz', /E_GZIP_TRUNCATED|E_TAR_/],
    ['/gone', /E_HTTP_STATUS/],
  ])('%s fails with %s', async (path, code) => {
    expect((await built([web.origin + path])).stderr).toMatch(code)
  })

  it.skipIf(docker === undefined)('gives what BuildKit gives', async () => {
    const dest = space.path('docker-url.tar')
    const [command, ...first] = docker!
    for (const path of ['/context.tar.gz', '/Dockerfile']) {
      const args = ['buildx', 'build', '-o', `type=tar,dest=${dest}`, web.origin + path]
      await promisify(execFile)(command, [...first, ...args])
      // What a heredoc makes has the time of the build.
      const untimed = (rows: Record<string, string>) => ({
        ...rows,
        made: rows.made?.replace(/ \d{10} /, ' '),
      })
      expect(untimed((await built([web.origin + path])).rows)).toEqual(untimed(await tarListing(dest)))
    }
  })
})

describe('a remote context under a name', () => {
  it('is a source of COPY', async () => {
    const context = space.folder('named', {
      Dockerfile: 'FROM scratch\nCOPY --from=repo f /\nCOPY --from=web . /web/\n',
    })
    const { rows, stderr } = await built([
      ...['--build-context', `repo=${url}#main:sub`],
      ...['--build-context', `web=${web.origin}/context.tar.gz`],
      context,
    ])
    expect(Object.keys(rows).sort(), stderr).toEqual(['f', 'web', 'web/context'])
    const archive = createHash('sha256').update(BODIES['/context.tar.gz']!).digest('hex').slice(0, 12)
    expect(rows['web/context']).toBe(`file 600 0:0 1445412480 ${archive}`)
  })

  it('is what FROM starts with, and the history says where it comes from, without a password', async () => {
    const secret = `${url.replace('//', '//user:canary@')}#main:sub`
    for (const [place, file, said] of [
      [secret, 'f', `git snapshot for ${url}#main`],
      [`${web.origin}/context.tar.gz`, 'context', `http url ${web.origin}/context.tar.gz`],
    ] as const) {
      const context = space.folder('from-remote', { Dockerfile: 'FROM there\n' })
      const args = ['--build-context', `there=${place}`, '-t', 'from-remote:1', context]
      const { rows, stderr, home } = await built(args)
      expect(Object.keys(rows), stderr).toContain(file)
      const history = await space.run(['history', '--no-trunc', 'from-remote:1'], { env: { HOME: home } })
      expect(history.stdout, history.stderr).toContain(said)
      expect(history.stdout).not.toContain('canary')
    }
  })

  it.each(['ftp://h/x', 'github.com/a/b', 'docker-image://alpine'])(
    '%s is refused as a context',
    async (place) => {
      expect((await built([place])).stderr).toContain('E_CLI')
    },
  )
})
