import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { digestOf, MediaType } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { layoutOf } from './layout-of.js'
import { loopback } from './loopback.js'
import { hasTool, rivalCommand } from './rival-tools.js'
import { tarListing } from './tar-listing.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('compressed-archives')
const docker = rivalCommand()
const TAR = tarOf([
  { name: 'in/', mode: 0o711, uid: 11, gid: 12, mtime: 1_500_000_000 },
  { name: 'in/file', content: 'in an archive\n'.repeat(999), uid: 13, gid: 14, mtime: 1_500_000_001 },
  { name: 'in/link', type: 'symlink', linkname: 'file', mode: 0o777, mtime: 1_500_000_002 },
  { name: 'Dockerfile', content: 'FROM scratch\nCOPY . /\n', mtime: 1_500_000_003 },
])
/** The name of an archive, and what makes it of the tar: one stream or several. */
const FORMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'a.tar': [],
  'a.tar.gz': [['gzip', '-n']],
  'a.tar.bz2': [['bzip2']],
  'a.tar.xz': [['xz', '-T1', '--block-size=4096', '--check=sha256']],
  'a.tar.zst': [['zstd', '-q']],
  'two.bz2': [['bzip2'], ['bzip2', '-1']],
  'two.xz': [['xz'], ['xz', '--check=crc32']],
  'two.zst': [
    ['zstd', '-q'],
    ['zstd', '-q', '-19'],
  ],
}
const hasAll = ['gzip', 'bzip2', 'xz', 'zstd'].every(hasTool)
const archives: Record<string, Buffer> = {}

function packed(bytes: Uint8Array, forms: readonly (readonly string[])[]): Buffer {
  if (forms.length === 0) return Buffer.from(bytes)
  const part = Math.ceil(bytes.length / forms.length)
  const streams = forms.map(([command = '', ...args], index) =>
    execFileSync(command, [...args, '-c'], { input: bytes.subarray(index * part, (index + 1) * part) }),
  )
  return Buffer.concat(streams)
}

let builds = 0

/** The diffIDs of what is built. */
async function diffIds(args: readonly string[], input?: Buffer): Promise<string[]> {
  const name = `image-${builds++}`
  const options = { env: { HOME: space.path(`home-${name}`) }, ...(input && { stdin: input }) }
  const run = await space.run(['build', '-o', `type=oci,tar=false,dest=${name}`, ...args], options)
  expect(run.code, run.stderr).toBe(0)
  return diffIdsIn(space.path(name))
}

function diffIdsIn(layout: string): string[] {
  const blob = (digest: string) =>
    JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
  return blob(blob(index.manifests[0].digest).config.digest).rootfs.diff_ids
}

describe.skipIf(!hasAll)('archives in every compression', () => {
  beforeAll(() => {
    for (const [name, forms] of Object.entries(FORMS)) archives[name] = packed(TAR, forms)
  })

  it('give ADD one and the same layer, from the context and from a URL', { timeout: 60_000 }, async () => {
    const web = await loopback(({ url = '' }, response) => void response.end(archives[url.slice(1)]))
    const names = Object.keys(FORMS)
    const lines = [
      'FROM scratch',
      ...names.map((name) => `ADD ${name} /there/`),
      ...names.map((name) => `ADD --unpack=true ${web.origin}/${name} /there/`),
      ...names.map((name) => `ADD --unpack=false ${name} /as-it-is/`),
    ]
    const context = space.folder('context', { ...archives, Dockerfile: `${lines.join('\n')}\n` })
    const env = { env: { SOURCE_DATE_EPOCH: '1600000000' } }
    const run = await space.run(['build', '-o', 'type=tar,dest=all.tar', context], env)
    expect(run.code, run.stderr).toBe(0)
    const { stdout } = spawnSync('tar', ['-tf', space.path('all.tar')], { encoding: 'utf8' })
    for (const name of names) expect(stdout).toContain(`as-it-is/${name}\n`)
    const layers = new Set<string>()
    for (const name of names) {
      const one = space.folder(`one-${name}`, {
        [name]: archives[name],
        Dockerfile: `FROM scratch\nADD ${name} /\n`,
      })
      for (const id of await diffIds([one])) layers.add(id)
    }
    expect(layers.size).toBe(1)
  })

  it('are contexts, through stdin and from a URL', { timeout: 60_000 }, async () => {
    const web = await loopback(({ url = '' }, response) => void response.end(archives[url.slice(1)]))
    const layers = new Set<string>()
    for (const name of Object.keys(FORMS)) {
      layers.add(String(await diffIds(['-'], archives[name])))
      layers.add(String(await diffIds([`${web.origin}/${name}`])))
    }
    expect(layers.size).toBe(1)
  })

  it('that are no tar, or seem to be compressed, are files', async () => {
    const files = {
      'text.xz': packed(Buffer.from('only text'), [['xz']]),
      'text.bz2': packed(Buffer.from('only text'), [['bzip2']]),
      'letter.txt': Buffer.from('BZh9 is how this letter begins'),
    }
    const context = space.folder('no-tar', {
      ...files,
      Dockerfile: 'FROM scratch\nADD . /x/\nADD *.xz *.bz2 *.txt /y/\n',
    })
    const run = await space.run(['build', '-o', 'type=local,dest=no-tar-out', context])
    expect(run.code, run.stderr).toBe(0)
    for (const [name, content] of Object.entries(files))
      expect(readFileSync(space.path(`no-tar-out/y/${name}`))).toEqual(content)
  })

  it('hold images for load, and layers in an image that is loaded', { timeout: 60_000 }, async () => {
    const layer = tarOf([{ name: 'f', content: 'f\n' }])
    const config = {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }
    for (const [name, forms] of Object.entries(FORMS)) {
      const tag = `loaded:${name.replace('.', '-')}`
      const manifest = [{ Config: 'c.json', RepoTags: [tag], Layers: ['l/layer.tar'] }]
      const image = tarOf([
        { name: 'c.json', content: JSON.stringify(config) },
        { name: 'l/layer.tar', content: packed(layer, forms) },
        { name: 'manifest.json', content: JSON.stringify(manifest) },
      ])
      writeFileSync(space.path(name), packed(image, forms))
      const run = await space.run(['load', '-i', space.path(name)])
      expect(run.code, run.stderr).toBe(0)
      const shown = JSON.parse((await space.run(['inspect', tag])).stdout)
      expect(JSON.stringify(shown)).toContain(digestOf(layer))
    }
  })

  it('with zstd are layers of base images', async () => {
    const layer = tarOf([{ name: 'from-base', content: 'b\n' }])
    const zstd = packed(layer, FORMS['a.tar.zst']!)
    const layout = space.path('base')
    const place = layoutOf(layout, {
      layers: [layer],
      alter: {
        manifest: (json) => ({
          ...json,
          layers: [{ mediaType: MediaType.ociLayerZstd, digest: digestOf(zstd), size: zstd.length }],
        }),
      },
    })
    mkdirSync(join(layout, 'blobs/sha256'), { recursive: true })
    writeFileSync(join(layout, 'blobs/sha256', digestOf(zstd).slice(7)), zstd)
    const context = space.folder('on-base', { Dockerfile: 'FROM base\nCOPY --from=base from-base /copy\n' })
    const ids = await diffIds(['--build-context', `base=${place}`, context])
    expect(ids[0]).toBe(digestOf(layer))
    expect(ids).toHaveLength(2)
  })

  it.skipIf(docker === undefined)(
    'give the layers that BuildKit makes of them',
    { timeout: 120_000 },
    async () => {
      // Not zstd: this Docker never closes the reader with which it tells an archive from a file, and the buffer below
      // it serves the next archive meanwhile. Now and then that is an error, or the end of the daemon. Its recorded
      // answer is among the cases of test/parity, and the tests above hold every form against the bare tar.
      const names = Object.keys(FORMS).filter((name) => !name.endsWith('.zst'))
      const context = space.folder('rival', {
        ...Object.fromEntries(names.map((name) => [name, archives[name]])),
        Dockerfile: `FROM scratch\n${names.map((name) => `ADD ${name} /${name}/\n`).join('')}`,
      })
      const [command, ...first] = docker!
      const dest = space.path('docker.tar')
      const args = ['buildx', 'build', '--no-cache', '-o', `type=tar,dest=${dest}`, context]
      await promisify(execFile)(command, [...first, ...args])
      const run = await space.run(['build', '-o', 'type=tar,dest=ours.tar', context])
      expect(run.code, run.stderr).toBe(0)
      const theirs = Object.entries(await tarListing(dest))
      // BuildKit runs the program xz, and takes such an archive for a file where there is none.
      const hasXz = !theirs.some(([path]) => path === 'a.tar.xz/a.tar.xz')
      if (!hasXz) console.log('skipped: no xz beside this daemon')
      const isJudged = ([path]: readonly [string, string]) => hasXz || !/^(?:a\.tar|two)\.xz/.test(path)
      const ours = Object.entries(await tarListing(space.path('ours.tar')))
      expect(ours.filter(isJudged)).toEqual(theirs.filter(isJudged))
    },
  )
})
