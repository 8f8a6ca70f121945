import { readFileSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageConfig, Manifest } from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { layoutOf } from './layout-of.js'
import { type RivalDaemon, rivalDaemon } from './rival-daemon.js'
import { rivalCommand } from './rival-tools.js'
import { runExecutor } from './run-executor.js'
import { type TarHeader, tarHeaders } from './tar-headers.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

// Images for Windows are made of a base of Windows, whose layers have a form of their own, without starting anything.

const space = workspace('windows-images')
const EPOCH = 1_700_000_000
const EARLIER = 1_600_000_000
const PLATFORM = ['--platform', 'windows/amd64']
const VERSION = '10.0.17763.5'

const executor = await runExecutor(space)

const base = layoutOf(space.path('base'), {
  layers: [
    tarOf([
      { name: 'Files/', mtime: EARLIER },
      { name: 'Files/Windows/', mtime: EARLIER },
      { name: 'Files/Windows/a.txt', content: 'A', mtime: EARLIER },
      { name: 'Files/Windows/gone.txt', content: 'G', mtime: EARLIER },
      { name: 'Files/Windows/h', type: 'hardlink', linkname: 'Files/Windows/a.txt', mtime: EARLIER },
      { name: 'Hives/', mtime: EARLIER },
      { name: 'Hives/Sam_Delta', content: 'H', mtime: EARLIER },
      { name: 'UtilityVM/x', mtime: EARLIER },
    ]),
    tarOf([{ name: 'Files/Windows/.wh.gone.txt', mtime: EARLIER }]),
  ],
  platform: { os: 'windows', architecture: 'amd64' },
  config: { WorkingDir: 'C:\\app', User: 'ContainerUser' },
  alter: {
    config: (json) => ({
      ...json,
      'os.version': VERSION,
      history: ['first', 'second'].map((by) => ({ created: '2020-09-13T12:26:40Z', created_by: by })),
    }),
  },
})

const DOCKERFILE = `# escape=\`
FROM base
COPY f C:\\Windows\\
COPY d c:\\dd
WORKDIR C:\\work\\er
COPY --from=base C:\\Windows\\a.txt b.txt
WORKDIR deeper
ADD f c:relative
`

const context = space.folder('context', {
  Dockerfile: DOCKERFILE,
  Scratch: '# escape=`\nFROM scratch\nWORKDIR C:\\x\\y\nCOPY f c:/z/\n',
  f: 'hi\n',
  'd/g': 'g\n',
})
symlinkSync('g', join(context, 'd/l'))
for (const name of ['f', 'd/g', 'd']) utimesSync(join(context, name), EARLIER, EARLIER)

async function run(...args: readonly string[]) {
  const result = await space.run(['build', ...args, context], { env: { SOURCE_DATE_EPOCH: String(EPOCH) } })
  expect([result.code, result.code === 0 ? '' : result.stderr]).toEqual([0, ''])
  return result
}

interface Unpacked {
  readonly config: ImageConfig
  /** Of its own: without those of the base. */
  readonly layers: readonly TarHeader[][]
  readonly platform: Readonly<Record<string, unknown>>
}

function unpack(layout: string, baseLayers: number): Unpacked {
  const read = (digest: string) => readFileSync(join(layout, 'blobs', digest.replace(':', '/')))
  const document = (digest: string) => JSON.parse(read(digest).toString())
  const [top] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests
  const manifest = document(top.digest) as Manifest
  return {
    config: document(manifest.config.digest),
    layers: manifest.layers.slice(baseLayers).map(({ digest }) => tarHeaders(read(digest))),
    platform: top.platform,
  }
}

async function ownImage(dockerfile: string, baseLayers: number): Promise<Unpacked> {
  const layout = space.path(dockerfile)
  const output = `type=oci,tar=false,compression=uncompressed,dest=${layout}`
  await run('-f', join(context, dockerfile), '--build-context', `base=${base}`, ...PLATFORM, '-o', output)
  return unpack(layout, baseLayers)
}

test('layers on a base of Windows have its form, and the image its version and paths', async () => {
  const { config, layers, platform } = await ownImage('Dockerfile', 2)
  expect(config['os.version']).toBe(VERSION)
  expect(platform).toMatchObject({ os: 'windows', 'os.version': VERSION })
  expect(config.config?.WorkingDir).toBe('\\work\\er\\deeper')
  expect(config.config?.Env).toBeUndefined()
  const names = layers.map((layer) => layer.map(({ name }) => name))
  for (const layer of names) expect(layer.slice(0, 2)).toEqual(['Hives', 'Files'])
  expect(names.map((layer) => layer.at(-1))).toEqual([
    'Files/Windows/f',
    'Files/dd/l',
    'Files/work/er/',
    'Files/work/er/b.txt',
    'Files/work/er/deeper/',
    'Files/work/er/deeper/relative',
  ])
})

test('the files of a base of Windows are those below Files', async () => {
  const out = space.path('files')
  await run('--build-context', `base=${base}`, ...PLATFORM, '-o', `type=local,dest=${out}`)
  expect(readFileSync(join(out, 'work/er/b.txt'), 'utf8')).toBe('A')
  const listed = space.path('files.tar')
  await run('--build-context', `base=${base}`, ...PLATFORM, '-o', `type=tar,dest=${listed}`)
  const names = tarHeaders(readFileSync(listed)).map(({ name }) => name)
  expect(names.filter((name) => name.startsWith('Windows/'))).toEqual([
    'Windows/',
    'Windows/a.txt',
    'Windows/f',
    'Windows/h',
  ])
  expect(names.filter((name) => /Hives|Utility|Files/.test(name))).toEqual([])
})

test('on nothing, layers are plain', async () => {
  const { config, layers } = await ownImage('Scratch', 0)
  expect(config.config?.WorkingDir).toBe('\\x\\y')
  expect(layers.map((layer) => layer.map(({ name }) => name))).toEqual([
    ['x/', 'x/y/'],
    ['z/', 'z/f'],
  ])
})

test.each([
  ['COPY f D:\\x', 'The specified path is not on the system drive (C:)'],
  ['WORKDIR c:', 'No relative path specified in "c:"'],
  ['COPY \\\\server\\f /x', 'UNC paths are not supported'],
])('%s is refused', async (line, message) => {
  const args = ['build', ...PLATFORM, '-f', '-', '-o', 'type=cacheonly', context]
  const { code, stderr } = await space.run(args, { stdin: `# escape=\`\nFROM scratch\n${line}\n` })
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining(`E_DF_PATH]: removing drive letter: ${message}`),
  ])
  expect(stderr).toContain('>>>')
})

test.skipIf(executor === undefined)('a process of Windows is refused by name', async () => {
  const args = ['build', ...PLATFORM, '-f', '-', '--build-context', `base=${base}`, '-o', 'type=cacheonly']
  const { code, stderr } = await space.run([...args, context], { stdin: 'FROM base\nRUN dir\n' })
  expect([code, stderr]).toEqual([1, expect.stringContaining('a process of windows/amd64 cannot run here')])
})

describe.skipIf(rivalCommand() === undefined)('beside BuildKit', () => {
  let daemon: RivalDaemon | undefined

  beforeAll(async () => {
    daemon = await rivalDaemon()
  }, 60_000)
  afterAll(async () => {
    await daemon?.[Symbol.asyncDispose]()
  }, 60_000)

  it('every entry of every layer is the same but for the times that it takes from the clock', async () => {
    const theirs = space.path('theirs')
    const [top] = JSON.parse(readFileSync(space.path('base/index.json'), 'utf8')).manifests
    const args = ['buildx', 'build', '--provenance=false', ...PLATFORM]
    const output = `type=oci,compression=uncompressed,rewrite-timestamp=true,tar=false,dest=${theirs}`
    daemon!.docker(EPOCH)([...args, '--build-context', `base=${base}@${top.digest}`, '-o', output, context])
    const mine = await ownImage('Dockerfile', 2)
    const other = unpack(theirs, 2)
    expect(mine.layers.map(timeless)).toEqual(other.layers.map(timeless))
    expect(mine.config.history).toEqual(other.config.history)
  })

  function timeless(layer: readonly TarHeader[]): unknown[] {
    return layer.map(({ records: { 'LIBARCHIVE.creationtime': time, ...records }, ...header }) => {
      expect(time).toMatch(/^\d+\.\d+$/)
      return { ...header, records }
    })
  }
})
