import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  createReadStream,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ImageConfig, readTar, type TarEntry } from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIFFERENTIAL_CASES, type DifferentialCase } from './differential-cases.js'
import { rivalCommand } from './rival-tools.js'
import { type Spec, tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('differential')
/** Times later than all that the context and the archives have are of a build, this one or an earlier one. */
const LATE = 1_750_000_000
const docker = rivalCommand()
const TAGS: string[] = []
const exec = promisify(execFile)

const ARCHIVE: readonly Spec[] = [
  { name: 'in/', mode: 0o711, uid: 11, gid: 12, mtime: 1_600_000_000 },
  { name: 'in/file', content: 'in an archive\n', mode: 0o600, uid: 13, gid: 14, mtime: 1_600_000_001 },
  { name: 'in/link', type: 'symlink', linkname: 'file', mode: 0o777 },
  {
    name: 'in/hard',
    type: 'hardlink',
    linkname: 'in/file',
    mode: 0o600,
    uid: 13,
    gid: 14,
    mtime: 1_600_000_001,
  },
  { name: 'implied/parent/file', content: 'x' },
]

/** The context that all cases share; times are long past. */
function makeContext(root: string): void {
  const write = (path: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
    chmodSync(join(root, path), mode)
    utimesSync(join(root, path), 1_500_000_000, 1_500_000_000)
  }
  for (const name of ['a', 'b', 'c.txt', 'n.txt', 'with blank', 'd/f', 'd/sub/g', 'e/f', 'e/h'])
    write(name, `${name}\n`)
  write('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n')
  write('etc/group', 'root:x:0:\nstaff:x:50:alice\nalice:x:1001:\n')
  write('modes/suid', 'x', 0o4755)
  write('modes/none', 'x', 0)
  write('modes/sub/inner', 'x', 0o600)
  mkdirSync(join(root, 'modes/hollow'))
  chmodSync(join(root, 'modes/sub'), 0o2770)
  chmodSync(join(root, 'modes/hollow'), 0o1777)
  chmodSync(join(root, 'modes'), 0o750)
  mkdirSync(join(root, 'empty'))
  write('hard/one', 'one file\n')
  linkSync(join(root, 'hard/one'), join(root, 'hard/two'))
  for (const name of ['to-a', 'dangling']) write(`over/${name}`, `over ${name}\n`)
  write('[odd]', 'odd\n')
  mkdirSync(join(root, 'links'))
  mkdirSync(join(root, 'tolink'))
  symlinkSync('/a/d', join(root, 'tolink/sub'))
  const links = {
    'to-a': '../a',
    'to-d': '../d',
    dangling: 'nowhere',
    absolute: '/a/d',
    'file-link': '/links-target',
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, 'links', name))
  const archive = tarOf(ARCHIVE)
  write('archive.tar', archive)
  write('archive.tgz', execFileSync('gzip', ['-n'], { input: archive }))
}

/** What is in the context is older than the build, folders and links too. */
function age(root: string): void {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  for (const { name, parentPath } of entries)
    lutimesSync(join(parentPath, name), 1_500_000_000, 1_500_000_000)
  utimesSync(root, 1_500_000_000, 1_500_000_000)
}

interface Built {
  readonly error?: string
  readonly layers: readonly Readonly<Record<string, string>>[]
  readonly config?: ImageConfig['config']
  readonly history: readonly string[]
}

/** The entries of a layer with what matters of each; the order in the archive is left out. */
async function entriesOf(path: string): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for await (const item of readTar(createReadStream(path))) {
    const { entry } = item
    const hash = createHash('sha256')
    for await (const chunk of item.content()) hash.update(chunk)
    const name = entry.name.replace(/\/$/, '')
    const mode = entry.type === 'symlink' ? '' : ` ${entry.mode.toString(8)}`
    const link = entry.linkname === '' ? '' : ` -> ${entry.linkname}`
    const bytes = entry.type === 'file' ? ` ${hash.digest('hex').slice(0, 12)}` : ''
    rows[name] = `${entry.type}${mode} ${entry.uid}:${entry.gid}${time(entry)}${link}${bytes}`
  }
  return rows
}

/**
 * BuildKit keeps folders of a context from an earlier build when only their times differ: no time of a folder can be
 * compared.
 */
function time({ type, mtime }: TarEntry): string {
  if (type === 'directory') return ''
  return mtime < LATE ? ` ${mtime}` : ' now'
}

async function readArchive(archive: string): Promise<Built> {
  const folder = `${archive}.d`
  mkdirSync(folder)
  await exec('tar', ['-xf', archive, '-C', folder])
  const json = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as unknown
  const [manifest] = json('manifest.json') as [{ Config: string; Layers: string[] }]
  const { config, history = [] } = json(manifest.Config) as ImageConfig
  const layers = []
  for (const layer of manifest.Layers) layers.push(await entriesOf(join(folder, layer)))
  return {
    layers,
    ...(config !== undefined && { config: withoutDefaults(config) }),
    history: history.map(
      ({ created_by = '', empty_layer = false, comment = '' }) =>
        `${empty_layer ? '-' : '+'} ${created_by} (${comment})`,
    ),
  }
}

/** Docker's store writes fields that hold nothing. */
function withoutDefaults(config: NonNullable<ImageConfig['config']>): NonNullable<ImageConfig['config']> {
  const kept = Object.entries(config).filter(([, value]) => {
    if (value === null || value === '' || value === false) return false
    return !(typeof value === 'object' && Object.keys(value as object).length === 0)
  })
  return Object.fromEntries(kept)
}

const failed = (error: unknown): Built => ({
  error: String((error as { stderr?: string }).stderr ?? error),
  layers: [],
  history: [],
})

async function byDocker(one: DifferentialCase, index: number): Promise<Built> {
  const tag = `cooper-differential-${process.pid}:${index}`
  const [command, ...first] = docker!
  const run = (...args: string[]) => exec(command!, [...first, ...args], { maxBuffer: 16 << 20 })
  try {
    await run(
      'buildx',
      'build',
      '-q',
      '--no-cache',
      '--provenance=false',
      '-t',
      tag,
      ...(one.args ?? []),
      space.path(`context-${index}`),
    )
  } catch (error) {
    return failed(error)
  }
  await run('save', '-o', space.path(`docker-${index}.tar`), tag)
  TAGS.push(tag)
  return readArchive(space.path(`docker-${index}.tar`))
}

async function byUs(one: DifferentialCase, index: number): Promise<Built> {
  const args = ['build', '-o', `type=docker,dest=ours-${index}.tar`, ...(one.args ?? []), `context-${index}`]
  const { code, stderr } = await space.run(args)
  if (code !== 0) return { error: stderr, layers: [], history: [] }
  return readArchive(space.path(`ours-${index}.tar`))
}

describe.skipIf(docker === undefined)('an image has what BuildKit makes of the same Dockerfile', () => {
  const theirs: Built[] = []
  const ours: Built[] = []

  beforeAll(async () => {
    for (const [index, { dockerfile, ignore }] of DIFFERENTIAL_CASES.entries()) {
      const context = space.folder(`context-${index}`, {})
      makeContext(context)
      writeFileSync(join(context, 'Dockerfile'), `FROM scratch AS stage0\n${dockerfile}\n`)
      if (ignore !== undefined) writeFileSync(join(context, '.dockerignore'), ignore)
      for (const name of ['Dockerfile', ...(ignore === undefined ? [] : ['.dockerignore'])])
        chmodSync(join(context, name), 0o644)
    }
    for (const index of DIFFERENTIAL_CASES.keys()) age(space.path(`context-${index}`))
    const queue = [...DIFFERENTIAL_CASES.entries()]
    const worker = async () => {
      // Docker cannot save an image without layers, so each case has one.
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, one] = next
        ours[index] = await byUs(one, index)
        theirs[index] = await byDocker(one, index)
      }
    }
    await Promise.all([worker(), worker(), worker()])
  }, 240_000)

  afterAll(() => exec(docker![0], [...docker!.slice(1), 'rmi', '-f', ...TAGS]).then(() => undefined))

  it.each(DIFFERENTIAL_CASES.map((one, index) => [one.name, one, index] as const))('%s', (_, one, index) => {
    const [mine, other] = [ours[index]!, theirs[index]!]
    expect(mine.error === undefined).toBe(one.fails !== true)
    const apart = one.apart?.parts ?? []
    const outcome = (built: Built) => (built.error === undefined ? 'built' : 'refused')
    if (apart.includes('outcome')) return
    expect(outcome(mine)).toBe(outcome(other))
    if (!apart.includes('layers')) expect(mine.layers).toEqual(other.layers)
    if (!apart.includes('config')) expect(mine.config).toEqual(other.config)
    if (!apart.includes('history')) expect(mine.history).toEqual(other.history)
  })
})
