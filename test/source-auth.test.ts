import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import { type Loopback, loopback } from './loopback.js'
import { tarListing } from './tar-listing.js'
import { workspace } from './workspace.js'

const space = workspace('source-auth')
const basic = (text: string) => `Basic ${btoa(text)}`
/** Serves one file, to whoever says the right thing. */
let locked: Loopback
/** The same host name, another port: another origin. */
let open: Loopback
let wanted = ''
let repository: Loopback

beforeAll(async () => {
  locked = await loopback((request, response) => {
    if (request.headers.authorization !== wanted) return void response.writeHead(401).end()
    if (request.url === '/away') return void response.writeHead(302, { location: `${open.origin}/f` }).end()
    if (request.url === '/near') return void response.writeHead(302, { location: '/f' }).end()
    response.setHeader('etag', '"1"')
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
    else response.end('locked\n')
  })
  open = await loopback((_request, response) => void response.end('open\n'))
  const source = space.folder('source', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  commit(source, { f: 'f\n' })
  git(space.root, 'clone', '--quiet', '--mirror', 'source', 'served/private/x.git')
  repository = await gitServer(space.path('served'), { user: 'x-access-token:canary' })
})

let builds = 0

async function built(dockerfile: string, args: readonly string[], home?: string) {
  const name = `build-${builds++}`
  const context = space.folder(name, { Dockerfile: `FROM scratch\n${dockerfile}`, token: 'canary\n' })
  const run = await space.run(['build', ...args, '-o', `type=tar,dest=${name}.tar`, context], {
    cwd: context,
    env: { HOME: home ?? space.path(`home-${name}`), TOKEN: 'canary', HEADER: 'Digest canary' },
  })
  expect(run.stdout + run.stderr).not.toMatch(/canary|Y2FuYXJ5/)
  const rows = run.code === 0 ? await tarListing(join(context, `${name}.tar`)) : {}
  return { ...run, rows, home: home ?? space.path(`home-${name}`) }
}

describe('ADD of a URL', () => {
  it.each([
    ['a bearer token', 'id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN', 'Bearer canary'],
    ['a token in a file with a line end', 'id=HTTP_AUTH_TOKEN_127.0.0.1,src=token', 'Bearer canary'],
    ['a header', 'id=HTTP_AUTH_HEADER_127.0.0.1,env=HEADER', 'Digest canary'],
  ])('is asked for with %s', async (_, secret, header) => {
    wanted = header
    const { rows, stderr } = await built(`ADD ${locked.origin}/f /\n`, ['--secret', secret])
    expect(rows, stderr).toHaveProperty(['f'])
  })

  it('gives the token where there is a header too, and a secret rather than user and password', async () => {
    wanted = 'Bearer canary'
    const url = locked.origin.replace('//', '//me:other@')
    const args = ['--secret', 'id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN']
    const both = [...args, '--secret', 'id=HTTP_AUTH_HEADER_127.0.0.1,env=HEADER']
    expect((await built(`ADD ${url}/f /\n`, both)).rows).toHaveProperty(['f'])
  })

  it('is asked for without what is meant for another host, or is empty', async () => {
    for (const args of [[], ['--secret', 'id=HTTP_AUTH_TOKEN_localhost,env=TOKEN']]) {
      const { stderr, code } = await built(`ADD ${locked.origin}/f /\n`, args)
      expect([stderr, code]).toEqual([expect.stringMatching(/E_HTTP_STATUS[\s\S]*401/), 3])
    }
    expect(locked.requests.at(-1)?.headers).not.toHaveProperty('authorization')
    await built(`ADD ${open.origin}/f /\n`, ['--secret', 'id=HTTP_AUTH_TOKEN_127.0.0.1,src=/dev/null'])
    expect(open.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  })

  it('takes the secret to a redirect of the same origin, and to no other', async () => {
    wanted = 'Bearer canary'
    const args = ['--secret', 'id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN']
    expect((await built(`ADD ${locked.origin}/near /\n`, args)).rows).toHaveProperty(['near'])
    expect((await built(`ADD ${locked.origin}/away /\n`, args)).rows).toHaveProperty(['away'])
    expect(JSON.stringify(open.requests.at(-1)?.rawHeaders)).not.toMatch(/canary|uthorization/)
  })

  it('has the id of the secret in its key, and not the value', async () => {
    const args = (variable: string) => ['--secret', `id=HTTP_AUTH_TOKEN_127.0.0.1,env=${variable}`]
    wanted = 'Bearer canary'
    const { home } = await built(`ADD ${locked.origin}/f /\n`, args('TOKEN'))
    wanted = 'Bearer Digest canary'
    const again = await built(`ADD ${locked.origin}/f /\n`, args('HEADER'), home)
    expect(again.stderr).toContain('1 of 1 steps from the cache')
    const nobody = await built(`ADD ${locked.origin}/f /\n`, [], home)
    expect(nobody.stderr).toContain('E_HTTP_STATUS')
    expect(locked.requests.at(-1)?.headers).not.toHaveProperty('if-none-match')
  })

  it('refuses a secret that no header can hold', async () => {
    const two = space.folder('two', { lines: 'canary\ncanary\n' })
    const args = ['--secret', `id=HTTP_AUTH_TOKEN_127.0.0.1,src=${two}/lines`]
    expect((await built(`ADD ${locked.origin}/f /\n`, args)).stderr).toContain('E_SECRET_VALUE')
  })
})

describe('a context from a URL', () => {
  it('is asked for with the secret of its host, and so is a named one', async () => {
    wanted = 'Bearer canary'
    const secret = ['--secret', 'id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN']
    const tar = execFileSync('tar', ['-c', '-C', space.folder('packed', { g: 'g' }), 'g'])
    const served = await loopback((request, response) => {
      if (request.headers.authorization === wanted) response.end(tar)
      else response.writeHead(401).end()
    })
    const named = ['--build-context', `there=${served.origin}/c.tar`]
    expect((await built('COPY --from=there context /g\n', [...named, ...secret])).rows).toHaveProperty(['g'])
    expect((await built('COPY --from=there context /\n', named)).stderr).toContain('E_HTTP_STATUS')
    const print = await space.run(['build', '--print=context', ...secret, `${served.origin}/c.tar`], {
      env: { TOKEN: 'canary' },
    })
    expect(print.stdout, print.stderr).toMatch(/\bg\b/)
  })
})

describe('a git repository', () => {
  const host = () => new URL(repository.origin).host
  it.each([
    ['a token', () => 'id=GIT_AUTH_TOKEN,env=TOKEN'],
    ['a token for its host', () => `id=GIT_AUTH_TOKEN.${host()},src=token`],
    ['a header', () => `id=GIT_AUTH_HEADER,src=header`],
    ['a header for its host', () => `id=GIT_AUTH_HEADER.${host()},src=header`],
  ])('is asked with %s', async (_, secret) => {
    const header = space.folder('header', { header: basic('x-access-token:canary') })
    const args = ['--secret', secret().replace('src=header', `src=${header}/header`)]
    const url = `${repository.origin}/private/x.git`
    const { rows, stderr } = await built(`ADD ${url} /r/\n`, args)
    expect(rows, stderr).toHaveProperty(['r/f'])
    const context = await space.run(['build', '--print=context', ...args, url], {
      cwd: space.folder('cwd', { token: 'canary' }),
      env: { TOKEN: 'canary' },
    })
    expect(context.stdout, context.stderr).toMatch(/\bf\b/)
  })

  it('is asked with nothing where a token is for another host', async () => {
    const args = ['--secret', 'id=GIT_AUTH_TOKEN.127.0.0.1,env=TOKEN']
    const { stderr, code } = await built(`ADD ${repository.origin}/private/x.git /r/\n`, args)
    expect([stderr, code]).toEqual([expect.stringContaining('E_GIT_AUTH'), 3])
  })

  it.each(['secret', 'user'])('that moved gets its %s at its own origin, and no other does', async (kind) => {
    // To git 2.39 a redirect is no reason to keep credentials back: this server would be told.
    const pair = 'x-access-token:canary'
    const listening = await loopback((request, response) => {
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/x-git-upload-pack-advertisement')
        response.end('001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0000')
      } else response.writeHead(404).end()
    })
    const moving = await loopback(({ url = '', headers }, response) => {
      if (headers.authorization !== basic(pair)) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      } else if (url.startsWith('/old')) {
        response.writeHead(301, { location: url.replace('/old', '/private') }).end()
      } else response.writeHead(302, { location: listening.origin + url }).end()
    })
    const secret = kind === 'secret' ? ['--secret', 'id=GIT_AUTH_TOKEN,env=TOKEN'] : []
    const at = ({ origin }: Loopback) => (kind === 'user' ? origin.replace('//', `//${pair}@`) : origin)
    const to = (server: Loopback) => ['--build-arg', `U=${at(server)}`, ...secret]
    const { code } = await built('ARG U\nADD $U/old/x.git /\n', to(moving))
    expect(code).toBe(3)
    expect(listening.asked.length).toBeGreaterThan(1)
    const told = listening.requests.map(({ rawHeaders, url }) => [rawHeaders, url])
    expect(JSON.stringify(told)).not.toMatch(/canary|Y2FuYXJ5|uthorization/)

    const near = await gitServer(space.path('served'), { user: pair, moved: ['/old', '/private'] })
    const { rows, stderr } = await built('ARG U\nADD $U/old/x.git /\n', to(near))
    expect(rows, stderr).toHaveProperty(['f'])
  })

  it('over ssh is asked with the agent or the keys of --ssh', async () => {
    const bin = space.folder('bin', {
      ssh: `#!/bin/sh\necho "$SSH_AUTH_SOCK $@" >> ${space.path('ssh-args')}\nfor last; do :; done\ncd ${space.path('served')}\neval "exec $last"\n`,
      "a key's": 'key',
    })
    chmodSync(join(bin, 'ssh'), 0o755)
    const socket = space.path('agent')
    const agent = createServer().listen(socket)
    const env = { PATH: `${bin}:${process.env.PATH}`, SSH_AUTH_SOCK: '/nowhere' }
    const context = space.folder('ssh', { Dockerfile: 'FROM scratch\nADD me@far.invalid:private/x.git /\n' })
    for (const ssh of [`default=${socket}`, `default=${bin}/a key's`, undefined]) {
      const args = ssh === undefined ? [] : ['--ssh', ssh]
      const { code, stderr } = await space.run(['build', '--no-cache', ...args, context], {
        env: { ...env, HOME: space.path(`home-${args.length}-${ssh?.length}`) },
      })
      expect(code, stderr).toBe(0)
    }
    agent.close()
    const lines = new Set(readFileSync(space.path('ssh-args'), 'utf8').trim().split('\n'))
    const seen = [...lines].map((line) => line.replace(/ me@.*/, '').replace(' -o SendEnv=GIT_PROTOCOL', ''))
    expect([...new Set(seen)]).toEqual([
      `${socket} -o BatchMode=yes`,
      `/nowhere -o BatchMode=yes -o IdentitiesOnly=yes -i ${bin}/a key's`,
      '/nowhere -o BatchMode=yes',
    ])
  })
})
