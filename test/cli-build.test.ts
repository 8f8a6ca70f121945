import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cooper, type Run, type RunOptions, start } from './cooper.js'

let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cooper-build-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** Runs the command with a store of its own for this file. */
function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return cooper(args, { cwd: home, ...options, env: { HOME: home, ...options.env } })
}

/** Makes a folder with these files and answers with its path. */
async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(home, name)
  await mkdir(root, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

const APP = { Dockerfile: 'FROM scratch\nCOPY hello /hello\nCMD ["/hello"]\n', hello: 'hello\n' }
const ID = /^sha256:[0-9a-f]{64}$/

describe('cooper build', () => {
  it('makes an image, names it, and tells each step and the result beside the answer', async () => {
    const context = await folder('first', APP)
    const { code, stdout, stderr } = await run(['build', '-t', 'first:1', context])
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^#\d+ .*COPY hello \/hello$/m)
    expect(stderr).toMatch(/^#\d+ DONE \d+\.\ds$/m)
    expect(stderr).toMatch(/^built sha256:[0-9a-f]{64} in \d+\.\ds/m)
    expect(stderr).toMatch(/^named docker\.io\/library\/first:1$/m)
    expect((await run(['images'])).stdout).toMatch(/^first +1 /m)
    const [image] = JSON.parse((await run(['inspect', 'first:1'])).stdout) as [{ Config: { Cmd: string[] } }]
    expect(image.Config.Cmd).toEqual(['/hello'])
    expect((await run(['history', 'first:1'])).stdout).toMatch(/COPY hello \/hello # buildkit/)
  })

  it('takes steps from the store the second time, unless told not to', async () => {
    const context = await folder('cached', APP)
    const [one, two, three] = [
      await run(['build', context]),
      await run(['build', context]),
      await run(['build', '--no-cache', context]),
    ]
    expect(two!.stderr).toMatch(/^#\d+ CACHED$/m)
    expect(three!.stderr).not.toMatch(/^#\d+ CACHED$/m)
    expect([one!.code, two!.code, three!.code]).toEqual([0, 0, 0])
  })

  it('-q prints the image ID and nothing else', async () => {
    const { code, stdout, stderr } = await run(['build', '-q', await folder('quiet', APP)])
    expect(stdout.trimEnd()).toMatch(ID)
    expect([code, stderr]).toEqual([0, ''])
  })

  it('writes the image ID and the metadata to files', async () => {
    const context = await folder('files', APP)
    await run(['build', '--iidfile', 'id', '--metadata-file', 'metadata.json', '-t', 'files', context])
    const id = readFileSync(join(home, 'id'), 'utf8')
    expect(id).toMatch(ID)
    const metadata = JSON.parse(readFileSync(join(home, 'metadata.json'), 'utf8')) as Record<string, unknown>
    expect(metadata).toMatchObject({
      'containerimage.config.digest': id,
      'containerimage.digest': expect.stringMatching(ID),
      'containerimage.descriptor': { size: expect.any(Number) },
      'image.name': 'docker.io/library/files:latest',
    })
  })

  it('leaves no image ID of an earlier build where one fails', async () => {
    const context = await folder('stale', { Dockerfile: 'FROM scratch\nCOPY absent /\n' })
    await folder('stale-ids', { plain: 'old', behind: 'old' })
    await symlink('behind', join(home, 'stale-ids/link'))
    for (const [file, left] of [
      ['plain', undefined],
      ['behind', ''],
    ] as const) {
      const given = join(home, 'stale-ids', file === 'behind' ? 'link' : file)
      expect((await run(['build', '--iidfile', given, context])).code).toBe(1)
      const path = join(home, 'stale-ids', file)
      expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(left)
    }
    expect((await run(['build', '--iidfile', '/dev/null', context])).code).toBe(1)
    expect(existsSync('/dev/null')).toBe(true)
  })

  it('writes an archive to stdout that holds the image, while progress goes beside', async () => {
    const context = await folder('archive', APP)
    const args = ['build', '-t', 'archive:1', '-o', 'type=docker,dest=-', context]
    const { code, bytes, stderr } = await run(args)
    expect(code).toBe(0)
    expect(stderr).toContain('COPY hello /hello')
    const manifest = execFileSync('tar', ['-xO', 'manifest.json'], { input: bytes, encoding: 'utf8' })
    expect(JSON.parse(manifest)).toMatchObject([{ RepoTags: ['docker.io/library/archive:1'] }])
  })

  it('writes several outputs', async () => {
    const context = await folder('outputs', APP)
    const outputs = ['-o', 'type=oci,dest=out.tar', '-o', 'type=local,dest=out', '-o', 'type=tar,dest=fs.tar']
    const { code, stderr } = await run(['build', ...outputs, context])
    expect([code, stderr.match(/^wrote /gm)]).toEqual([0, ['wrote ', 'wrote ', 'wrote ']])
    expect(readFileSync(join(home, 'out/hello'), 'utf8')).toBe('hello\n')
    expect(existsSync(join(home, 'out.tar'))).toBe(true)
    expect(execFileSync('tar', ['-tf', join(home, 'fs.tar')], { encoding: 'utf8' })).toBe('hello\n')
  })

  it('writes no file twice', async () => {
    const context = await folder('twice', APP)
    const { code, stderr } = await run([
      'build',
      '-o',
      'type=oci,dest=twice.tar',
      '--iidfile',
      'twice.tar',
      context,
    ])
    expect(stderr).toContain('error[E_CLI]: --output and --iidfile would write to "twice.tar"')
    expect([code, existsSync(join(home, 'twice.tar'))]).toEqual([1, false])
  })

  it('prints progress as one JSON object a line', async () => {
    const { stderr } = await run(['build', '--progress=rawjson', await folder('rawjson', APP)])
    const lines = stderr.trimEnd().split('\n')
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0])).toContain('vertexes')
  })

  it('falls back to plain lines where there is no terminal', async () => {
    const { stderr } = await run(['build', '--progress=tty', await folder('notty', APP)])
    expect(stderr).not.toContain('\x1b')
  })
})

describe('what is built', () => {
  it('may come as a Dockerfile on stdin without a context', async () => {
    const stdin = 'FROM scratch\nLABEL a=b\n'
    const { code, stdout } = await run(['build', '-q', '-t', 'stdin', '-'], { stdin })
    expect(code).toBe(0)
    const [image] = JSON.parse((await run(['inspect', 'stdin'])).stdout) as [{ Id: string }]
    expect(image.Id).toBe(stdout.trimEnd())
    const copies = await run(['build', '-'], { stdin: 'FROM scratch\nCOPY a /\n' })
    expect(copies.stderr).toContain('"/a": not found: there is no context')
    expect(copies.stderr).toContain('hint: give a folder beside the Dockerfile: cooper build -f - FOLDER')
  })

  it('may come as a Dockerfile on stdin beside a context', async () => {
    const context = await folder('beside', { hello: 'hello\n' })
    const stdin = 'FROM scratch\nCOPY hello /there\n'
    const { code } = await run(['build', '-f', '-', '-o', 'beside-out', context], { stdin })
    expect(code).toBe(0)
    expect(await readdir(join(home, 'beside-out'))).toEqual(['there'])
  })

  it.each(['', 'z'])('may come as a tar archive on stdin (%s)', async (compression) => {
    const context = await folder('tarred', APP)
    const stdin = execFileSync('tar', [`-c${compression}`, '-C', context, '.'])
    const { code, stderr } = await run(['build', '-o', `tar-out${compression}`, '-'], { stdin })
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
    expect(readFileSync(join(home, `tar-out${compression}`, 'hello'), 'utf8')).toBe('hello\n')
  })

  it('may be named from the working directory, also outside of the context', async () => {
    const context = await folder('named', {
      'sub/Dockerfile': 'FROM scratch\nCOPY hello /inside\n',
      hello: '',
    })
    await folder('.', { Outside: 'FROM scratch\nCOPY hello /outside\n' })
    expect((await run(['build', '-f', 'named/sub/Dockerfile', '-o', 'named-in', context])).code).toBe(0)
    expect((await run(['build', '-f', 'Outside', '-o', 'named-out', context])).code).toBe(0)
    expect([...(await readdir(join(home, 'named-in'))), ...(await readdir(join(home, 'named-out')))]).toEqual(
      ['inside', 'outside'],
    )
  })

  it('may be many: each match of a pattern, under its own name', async () => {
    for (const name of ['api', 'web']) await folder(`services/${name}`, { ...APP, hello: name })
    const { code, stderr } = await run(['build', '-t', 'acme/{name}:1', 'services/*/'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^building api$[\s\S]*^building web$/m)
    expect((await run(['images', 'acme/api'])).stdout).toContain('acme/api')
    expect((await run(['images', 'acme/web'])).stdout).toContain('acme/web')
  })

  it('takes arguments, labels and the time from the line and the environment', async () => {
    const context = await folder('args', { Dockerfile: 'FROM scratch\nARG A\nARG B\nLABEL a=$A b=$B\n' })
    const args = [
      'build',
      '-t',
      'args',
      '--build-arg',
      'A',
      '--build-arg',
      'B=two',
      '--label',
      'c=3',
      context,
    ]
    const { code } = await run(args, { env: { A: 'one', SOURCE_DATE_EPOCH: '1000000000' } })
    expect(code).toBe(0)
    const [image] = JSON.parse((await run(['inspect', 'args'])).stdout) as [Record<string, unknown>]
    expect(image).toMatchObject({
      Created: '2001-09-09T01:46:40Z',
      Config: { Labels: { a: 'one', b: 'two', c: '3' } },
    })
  })

  it('leaves out what an ignore file of git lists', async () => {
    const context = await folder('ignoring', {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      '.gitignore': 'node_modules/\n',
      'node_modules/x': '',
      kept: '',
    })
    await run(['build', '--ignore-from', join(context, '.gitignore'), '-o', 'ignored', context])
    const found = await readdir(join(home, 'ignored'))
    expect(found).toContain('kept')
    expect(found).not.toContain('node_modules')
  })
})

interface BadBuild {
  readonly what: string
  readonly args: readonly string[]
  readonly error: string
  readonly exit: number
  readonly says: string
}

describe('an image that leaves one store for another', () => {
  it.each(['docker', 'oci'])('is the same image after save and load (%s)', async (type) => {
    const context = await folder('travel', APP)
    const { stdout: id } = await run(['build', '-q', '-t', 'travel:1', context])
    const saved = await run(['save', '--type', type, 'travel:1'])
    expect(saved.code).toBe(0)
    const other = ['--store', join(home, `other-${type}`)]
    const loaded = await run([...other, 'load'], { stdin: saved.bytes })
    expect(loaded).toMatchObject({ code: 0, stdout: 'Loaded image: travel:1\n' })
    const [image] = JSON.parse((await run([...other, 'inspect', 'travel:1'])).stdout) as [{ Id: string }]
    expect(image.Id).toBe(id.trimEnd())
  })

  it('and is not whole is told by its name, and what to do', async () => {
    const context = await folder('partial', { ...APP, hello: 'only here\n' })
    const at = (...args: string[]) => ['--store', join(home, 'partial-store'), ...args]
    expect((await run(at('build', '-q', '-t', 'partial:1', context))).code).toBe(0)
    const [{ RootFS }] = JSON.parse((await run(at('inspect', 'partial:1'))).stdout)
    const [layer] = RootFS.Layers as [string]
    await rm(join(home, 'partial-store/blobs/sha256', layer.slice(7, 9), layer.slice(7)))
    for (const args of [
      ['save', '-o', 'partial.tar', 'partial:1'],
      ['save', '-o', 'partial.tar', '--type', 'oci', 'partial:1'],
      ['copy', 'store:partial:1', 'oci:partial-layout'],
      ['push', 'partial:1', 'localhost:1/partial:1'],
    ]) {
      const { code, stderr } = await run(at(...args))
      expect([args[0], code]).toEqual([args[0], 2])
      const what = `error[E_BLOB_MISSING]: the image partial:1 is not whole here: the store has no blob ${layer}`
      expect(stderr).toContain(what)
      expect(stderr).toContain('hint: build or pull partial:1 again')
    }
  })

  it('without a name is found by its ID', async () => {
    const context = await folder('nameless', APP)
    const id = (await run(['build', '-q', context])).stdout.trimEnd()
    await run(['save', '-o', 'nameless.tar', id])
    const other = ['--store', join(home, 'other-nameless')]
    expect((await run([...other, 'load', '-i', 'nameless.tar'])).stdout).toBe(`Loaded image ID: ${id}\n`)
    expect((await run([...other, 'images', '-q', '--no-trunc'])).stdout).toBe(`${id}\n`)
  })

  it.each([
    ['text', 'E_', 'not an archive'],
    ['nothing', 'E_', ''],
  ])('is refused when it is %s', async (_what, error, stdin) => {
    const { code, stderr } = await run(['load'], { stdin })
    expect(code).not.toBe(0)
    expect(code).not.toBe(70)
    expect(stderr).toContain(`error[${error}`)
  })
})

describe('a build that cannot be', () => {
  const cases: readonly BadBuild[] = [
    {
      what: 'a context that is missing',
      args: ['nowhere'],
      error: 'E_CTX_MISSING',
      exit: 1,
      says: 'nowhere',
    },
    {
      what: 'a context that is a file',
      args: ['bad/file'],
      error: 'E_CTX_NOT_DIR',
      exit: 1,
      says: '--file',
    },
    { what: 'no Dockerfile', args: ['bad/empty'], error: 'E_DF_MISSING', exit: 1, says: 'Dockerfile' },
    {
      what: 'a Dockerfile that is a directory',
      args: ['bad/directory'],
      error: 'E_CTX_NOT_FILE',
      exit: 1,
      says: 'Dockerfile',
    },
    {
      what: 'a Dockerfile that leads out of the context',
      args: ['bad/outside'],
      error: 'E_CTX_OUTSIDE',
      exit: 1,
      says: 'Dockerfile',
    },
    {
      what: 'a Dockerfile that is a pipe',
      args: ['-f', 'bad/pipe', 'bad/good'],
      error: 'E_DF_NOT_FILE',
      exit: 1,
      says: 'bad/pipe',
    },
    {
      what: 'an unknown instruction',
      args: ['bad/unknown'],
      error: 'E_DF_UNKNOWN',
      exit: 1,
      says: '   2 | >>> RNU x',
    },
    {
      what: 'a file that is not there',
      args: ['bad/absent'],
      error: 'E_COPY_NOT_FOUND',
      exit: 1,
      says: '>>> COPY absent /',
    },
    {
      what: 'an unknown target',
      args: ['--target', 'nope', 'bad/good'],
      error: 'E_',
      exit: 1,
      says: 'nope',
    },
    {
      what: 'an unknown platform',
      args: ['--platform', 'linux/abc', 'bad/good'],
      error: 'E_PLATFORM',
      exit: 1,
      says: 'linux/amd64',
    },
    {
      what: 'an unknown output',
      args: ['-o', 'type=x', 'bad/good'],
      error: 'E_OUTPUT',
      exit: 1,
      says: 'docker, oci, image, registry, local, tar',
    },
    {
      what: 'a name that is none',
      args: ['-t', 'Upper', 'bad/good'],
      error: 'E_REF',
      exit: 1,
      says: '"Upper"',
    },
    {
      what: 'RUN, which needs a shell',
      args: ['bad/run'],
      error: 'E_RUN',
      exit: 1,
      says: '>>> RUN true',
    },
  ]

  beforeAll(async () => {
    await folder('bad', { file: '' })
    await folder('bad/empty', {})
    await folder('bad/directory/Dockerfile', {})
    await folder('bad/outside', {})
    await symlink('/etc/hostname', join(home, 'bad/outside/Dockerfile'))
    execFileSync('mkfifo', [join(home, 'bad/pipe')])
    await folder('bad/good', APP)
    await folder('bad/unknown', { Dockerfile: 'FROM scratch\nRNU x\n' })
    await folder('bad/absent', { Dockerfile: 'FROM scratch\nCOPY absent /\n' })
    await folder('bad/run', { Dockerfile: 'FROM scratch\nRUN true\n' })
  })

  it.each(cases)('$what', async ({ args, error, exit, says }) => {
    const { code, stdout, stderr } = await run(['build', ...args])
    expect(stderr).toMatch(new RegExp(`^error\\[${error}`, 'm'))
    expect(stderr).toContain(says)
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  it('obeys no control character of a name', async () => {
    const context = await folder('control', {
      Dockerfile: 'FROM scratch\nCOPY "a\x1b[2Jb" /c\n',
      'a\x1b[2Jb': '',
    })
    const { stderr } = await run(['build', context])
    expect(stderr).not.toContain('\x1b')
    expect(stderr).toContain('\\x1b[2J')
  })
})

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %i, and leaves no file behind', async (signal, expected) => {
    const child = start(['build', '-o', 'type=oci,dest=never.tar', '-'], { cwd: home, env: { HOME: home } })
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdin!.on('error', () => {})
    // The head of an archive, whose rest never comes.
    child.stdin!.write(Buffer.alloc(512, 'FROM'))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, 700))
    child.kill(signal)
    expect(await ended).toBe(expected)
    expect(stderr).toContain('error[E_INTERRUPTED]: stopped before the end')
    expect(existsSync(join(home, 'never.tar'))).toBe(false)
  })

  it('of whoever reads an archive ends the build, and says nothing of it', async () => {
    const context = await folder('epipe', {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      big: 'x'.repeat(4 << 20),
    })
    const child = start(['build', '-o', 'type=docker,dest=-', context], { env: { HOME: home } })
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdout!.once('data', () => child.stdout!.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(code).toBe(141)
    expect(stderr).not.toMatch(/EPIPE|error\[/)
  })

  it('of the reader of stdout ends it without a word', async () => {
    const child = start(['build', '--help'])
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdout!.destroy()
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, stderr]).toEqual([141, ''])
  })
})
