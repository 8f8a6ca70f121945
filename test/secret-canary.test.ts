import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import { type Loopback, loopback } from './loopback.js'
import { hasTool } from './rival-tools.js'
import { workspace } from './workspace.js'

/**
 * A secret that nobody can guess is used wherever a source can use one, and then looked for in all that a build
 * writes, says and starts: while it waits for servers and when it is over.
 */
const space = workspace('secret-canary')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const SECRET = randomBytes(32).toString('hex')
/** The secret as it is, and as it looks in a header or a URL. */
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString('hex'),
  ...[SECRET, `x-access-token:${SECRET}`, `me:${SECRET}`].flatMap((text) => forms64(text)),
].map((text) => Buffer.from(text))

/** As base64, whatever stands before it: two characters at each end depend on the neighbours. */
function forms64(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(' '.repeat(shift) + text).toString('base64')
    return encoded.slice(4, -4)
  })
}

const holds = (bytes: Buffer) => FORMS.some((form) => bytes.includes(form))

/** The files below a folder that hold the secret, in their content, their name or the target of a link. */
function filesWith(root: string): string[] {
  const found: string[] = []
  const look = (path: string) => {
    if (holds(Buffer.from(path))) found.push(path)
    try {
      const stats = lstatSync(path)
      if (stats.isDirectory()) for (const name of readdirSync(path)) look(join(path, name))
      else if (stats.isSymbolicLink()) {
        if (holds(Buffer.from(readlinkSync(path)))) found.push(path)
      } else if (stats.isFile() && holds(readFileSync(path))) found.push(path)
    } catch (error) {
      // What another process removes meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  look(root)
  return found
}

/** Processes of this machine whose arguments, or whose variables, hold the secret. */
function processesWith(file: 'cmdline' | 'environ'): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && holds(readFileSync(`/proc/${name}/${file}`))
    } catch {
      return false
    }
  })
}

interface Sample {
  readonly arguments: readonly string[]
  readonly files: readonly string[]
  readonly variables: number
}

const samples: Sample[] = []
let web: Loopback
let repositories: Loopback
let refusing: Loopback

beforeAll(async () => {
  mkdirSync(space.path('tmp'))
  // Whoever is asked looks around first, and so while the one who asks waits.
  const sample = () => {
    const files = [...filesWith(space.path('tmp')), ...filesWith(space.path('home'))]
    samples.push({ arguments: processesWith('cmdline'), files, variables: processesWith('environ').length })
  }
  web = await loopback((request, response) => {
    sample()
    if (request.headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end()
    if (request.url === '/away') return void response.writeHead(302, { location: '/file' }).end()
    response.setHeader('etag', '"1"')
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
    else response.end('downloaded\n')
  })
  const source = space.folder('source', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  const id = commit(source, { f: 'f\n' })
  git(space.root, 'clone', '--quiet', '--mirror', 'source', 'served/low.git')
  commit(source, { '.gitmodules': '[submodule "m"]\n\tpath = m\n\turl = ./low.git\n' })
  git(source, 'update-index', '--add', '--cacheinfo', `160000,${id},m`)
  git(source, 'commit', '--quiet', '-m', 'a submodule')
  git(space.root, 'clone', '--quiet', '--mirror', 'source', 'served/x.git')
  const user = `x-access-token:${SECRET}`
  repositories = await gitServer(space.path('served'), { user, onRequest: sample })
  refusing = await loopback((_request, response) => {
    sample()
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  })
})

function dockerfile(server: Loopback, git: Loopback): string {
  return [
    'FROM scratch',
    `ADD ${server.origin}/away /web/`,
    `ADD --keep-git-dir=true ${git.origin}/x.git?submodules=0 /git/`,
    'LABEL a=b',
    '',
  ].join('\n')
}

const SECRETS = ['HTTP_AUTH_TOKEN_127.0.0.1', 'GIT_AUTH_TOKEN'].flatMap((id) => [
  '--secret',
  `id=${id},env=CANARY`,
])

function build(context: string, args: readonly string[]): string[] {
  const outputs = ['type=oci,compression=uncompressed,tar=false,dest=oci', 'type=docker,dest=docker.tar']
  const files = ['--metadata-file', 'metadata.json', '--iidfile', 'iid']
  return [
    COOPER,
    'build',
    ...outputs.flatMap((output) => ['-o', output]),
    ...files,
    '-t',
    'canary:1',
    ...args,
    context,
  ]
}

/** Runs a program to its end; it has the secret in a variable, and nowhere else. */
async function run(command: string, args: readonly string[]): Promise<{ code: number | null; said: Buffer }> {
  const env = { PATH: process.env.PATH, HOME: space.path('home'), TMPDIR: space.path('tmp'), CANARY: SECRET }
  const child = spawn(command, args, { cwd: space.folder('out', {}), env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said: Buffer.concat(said) }
}

function expectClean(said: Buffer): void {
  expect(holds(said)).toBe(false)
  for (const place of ['home', 'tmp', 'out']) expect(filesWith(space.path(place)), place).toEqual([])
  expect(readdirSync(space.path('tmp'))).toEqual([])
  expect(samples.flatMap((sample) => sample.arguments)).toEqual([])
  expect(samples.flatMap((sample) => sample.files)).toEqual([])
  // What is looked for could be found: the variables of the build and of git hold it.
  expect(Math.max(...samples.map(({ variables }) => variables))).toBeGreaterThanOrEqual(1)
}

describe.skipIf(process.platform !== 'linux')('a secret for sources', () => {
  it.each([
    [['--progress=plain']],
    [['--progress=rawjson', '--no-cache']],
    [['--debug', '--progress=plain']],
  ])('is nowhere but in the requests: %s', { timeout: 60_000 }, async (args) => {
    const context = space.folder('context', { Dockerfile: dockerfile(web, repositories) })
    const { code, said } = await run(process.execPath, build(context, [...SECRETS, ...args]))
    expect(code, said.toString()).toBe(0)
    expectClean(said)
    for (const show of [
      ['history', '--no-trunc', 'canary:1'],
      ['inspect', 'canary:1'],
    ]) {
      const shown = await run(process.execPath, [COOPER, ...show])
      expect(shown.said.length).toBeGreaterThan(10)
      expect(holds(shown.said)).toBe(false)
    }
  })

  it('of contexts is nowhere either', { timeout: 60_000 }, async () => {
    const args = [...SECRETS, '--build-context', `web=${web.origin}/file`]
    const folder = space.folder('stdin', { D: 'FROM scratch\nCOPY . /all/\nCOPY --from=web context /\n' })
    git(space.path('source'), 'checkout', '--quiet', 'main')
    commit(space.path('source'), { Dockerfile: readFileSync(join(folder, 'D'), 'utf8') })
    git(space.path('source'), 'push', '--quiet', space.path('served/x.git'), 'main')
    // With submodules: each is asked for with the secret too.
    const { code, said } = await run(
      process.execPath,
      build(`${repositories.origin}/x.git?keep-git-dir=1`, args),
    )
    expect(code, said.toString()).toBe(0)
    expectClean(said)
  })

  it('is in no message when the servers refuse it, or when it cannot be used', {
    timeout: 60_000,
  }, async () => {
    for (const [server, repository] of [
      [refusing, repositories],
      [web, refusing],
    ] as const) {
      const context = space.folder('refused', { Dockerfile: dockerfile(server, repository) })
      const { code, said } = await run(
        process.execPath,
        build(context, [...SECRETS, '--debug', '--no-cache']),
      )
      expect(code, said.toString()).toBe(3)
      expectClean(said)
    }
    const wrong = [`id=x,value=${SECRET}`, SECRET, `id=x,src=a,env=${SECRET}`, `id=x,type=${SECRET}`]
    for (const secret of wrong) {
      const { code, said } = await run(process.execPath, [
        COOPER,
        'build',
        '--debug',
        '--secret',
        secret,
        '.',
      ])
      expect(code).toBe(1)
      expect(holds(said)).toBe(false)
    }
  })

  it.skipIf(!hasTool('strace'))(
    'is in no argument of any program that is started',
    { timeout: 120_000 },
    async () => {
      // User and password in a URL are the caller's own: they are on the command line that he wrote, and on no other.
      const mine = { Dockerfile: `${dockerfile(web, repositories)}ARG U\nADD $U/x.git?submodules=1 /mine/\n` }
      const context = space.folder('traced', mine)
      const argument = `U=${repositories.origin.replace('//', `//x-access-token:${SECRET}@`)}`
      const log = space.path('strace.log')
      const trace = ['-f', '-o', log, '-e', 'trace=execve', '-s', '65536', '-qq']
      const command = build(context, [...SECRETS, '--no-cache', '--build-arg', argument])
      rmSync(space.path('home'), { recursive: true })
      const { code, said } = await run('strace', [...trace, process.execPath, ...command])
      expect(code, said.toString()).toBe(0)
      const lines = readFileSync(log, 'latin1')
        .split('\n')
        .filter((line) => !line.includes('bin.js'))
      expect(lines.join('\n')).toMatch(/execve\("[^"]*\/git", \["git", .*"fetch"/)
      expect(lines.filter((line) => holds(Buffer.from(line)))).toEqual([])
    },
  )
})
