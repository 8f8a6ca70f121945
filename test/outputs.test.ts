import { existsSync, linkSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import type { ImageConfig, Index, Manifest } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { layoutOf } from './layout-of.js'
import { hostTool } from './rival-tools.js'
import { tarHeaders } from './tar-headers.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('outputs')
const context = space.folder('context', {
  Dockerfile: 'FROM scratch\nCOPY a /a\nWORKDIR /w\n',
  a: 'a\n'.repeat(10_000),
})
const hasZstd = 'createZstdCompress' in zlib

async function build(args: readonly string[], env: Record<string, string> = {}) {
  const result = await space.run(['build', ...args, context], { env })
  expect([result.code, result.code === 0 ? '' : result.stderr]).toEqual([0, ''])
  return result
}

async function refused(args: readonly string[]): Promise<string> {
  const { code, stderr } = await space.run(['build', ...args, context])
  expect(code).toBe(1)
  return stderr
}

function document<T>(layout: string, digest: string): T {
  return JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8')) as T
}

function manifestOf(layout: string): Manifest {
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Index
  return document(layout, index.manifests[0]!.digest)
}

describe('several outputs of one build', () => {
  it('are each as asked, and nothing is kept of type=cacheonly but the steps', async () => {
    const names = ['image.tar', 'layout', 'files.tar', 'files', 'docker.tar'].map((name) => space.path(name))
    const [image, layout, filesTar, files, docker] = names
    await build([
      ...['-o', `type=oci,dest=${image}`, '-o', `type=oci,tar=false,dest=${layout},compression=gzip`],
      ...['-o', `type=tar,dest=${filesTar}`, '-o', files!, '-o', `type=docker,dest=${docker}`],
      ...['-o', 'type=cacheonly'],
    ])
    expect(names.filter((name) => !existsSync(name))).toEqual([])
    expect(manifestOf(layout!).layers.map(({ mediaType }) => mediaType)).toEqual([
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.oci.image.layer.v1.tar+gzip',
    ])
    expect(readFileSync(join(files!, 'a')).length).toBe(20_000)
    expect(tarHeaders(readFileSync(filesTar!)).map(({ name }) => name)).toEqual(['a', 'w/'])
    const { stdout } = await space.run(['images', '-q'])
    expect(stdout).toBe('')
    const again = await build(['-o', 'type=cacheonly', '--progress=plain'])
    expect(again.stderr.match(/CACHED/g)).toHaveLength(2)
  })
})

describe('source-date-epoch of an output', () => {
  it('is the time of the build', async () => {
    const out = space.path('timed')
    await build(['-o', `type=oci,tar=false,dest=${out},source-date-epoch=1234567890`])
    const config = document<ImageConfig>(out, manifestOf(out).config.digest)
    expect([config.created, ...config.history!.map(({ created }) => created)]).toEqual(
      Array(3).fill('2009-02-13T23:31:30Z'),
    )
  })

  it('cannot be another one than that of the build or of another output', async () => {
    const outputs = ['one', 'two'].flatMap((name, at) => [
      '-o',
      `type=oci,dest=${space.path(name)},source-date-epoch=${at + 1}`,
    ])
    for (const args of [outputs, ['--build-arg', 'SOURCE_DATE_EPOCH=5', ...outputs.slice(0, 2)]]) {
      expect(await refused(args)).toContain('asks for source-date-epoch=')
    }
    expect(existsSync(space.path('one'))).toBe(false)
  })
})

describe('layers that may not be distributed', () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  const base = layoutOf(space.path('base'), {
    layers: [tarOf([{ name: 'there', content: 'x' }])],
    gzip: true,
    alter: {
      manifest: (json) => ({
        ...json,
        layers: (json.layers as object[]).map((layer) => ({
          ...layer,
          mediaType: foreign,
          urls: ['https://example.org/layer'],
        })),
      }),
    },
  })
  const from = ['--build-context', `base=${base}`, '-f', '-']

  async function layersOf(name: string, more: string) {
    const layout = space.path(name)
    const args = ['build', ...from, '-o', `type=oci,tar=false,dest=${layout}${more}`, context]
    const { code, stderr } = await space.run(args, { stdin: 'FROM base\nCOPY a /a\n' })
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
    return manifestOf(layout).layers.map(({ mediaType, urls }) => [mediaType, urls])
  }

  it('become ordinary ones, or stay what they are with prefer-nondist-layers', async () => {
    expect(await layersOf('ordinary', '')).toEqual([
      ['application/vnd.oci.image.layer.v1.tar+gzip', undefined],
      [expect.stringContaining('application/vnd.oci.image.layer.v1.tar'), undefined],
    ])
    expect(await layersOf('foreign', ',prefer-nondist-layers=true')).toEqual([
      ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', ['https://example.org/layer']],
      [expect.stringContaining('application/vnd.oci.image.layer.v1.tar'), undefined],
    ])
  })
})

describe('compression=zstd', () => {
  it.skipIf(hasZstd)('is refused before any work where Node cannot make it', async () => {
    const out = space.path('no-zstd.tar')
    expect(await refused(['-o', `type=oci,dest=${out},compression=zstd`])).toContain(
      'E_COMPRESSION_UNSUPPORTED',
    )
    expect(existsSync(out)).toBe(false)
  })

  it.skipIf(!hasZstd)(
    'makes layers that others unpack, whose content is that of the plain ones',
    async () => {
      const layout = space.path('zstd')
      await build([
        '-t',
        'z',
        '-o',
        `type=oci,tar=false,dest=${layout},compression=zstd,compression-level=19`,
      ])
      const manifest = manifestOf(layout)
      expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(
        Array(2).fill('application/vnd.oci.image.layer.v1.tar+zstd'),
      )
      const skopeo = hostTool('skopeo')
      if (skopeo === undefined) return
      const plain = space.path('unpacked')
      mkdirSync(plain)
      skopeo(['copy', '--dest-decompress', `oci:${layout}:latest`, `dir:${plain}`])
      const { diff_ids } = document<ImageConfig>(layout, manifest.config.digest).rootfs
      for (const id of diff_ids) expect(existsSync(join(plain, id.slice('sha256:'.length))), id).toBe(true)
    },
  )

  it('estargz is refused by name', async () => {
    const stderr = await refused(['-o', `type=oci,dest=${space.path('e.tar')},compression=estargz`])
    expect(stderr).toContain('estargz')
  })
})

describe('files written to a directory', () => {
  it('are hard links where the image has them, as with BuildKit, and not beyond a copy', async () => {
    const linked = space.folder('linked', {
      Dockerfile: 'FROM scratch\nCOPY . /c\nCOPY a /\n',
      a: 'a',
      'd/x': 'x',
    })
    for (const name of ['b', 'd/c']) linkSync(join(linked, 'a'), join(linked, name))
    const out = space.folder('linked-out', { 'c/b': 'an older b', 'c/d/c': 'an older c' })
    linkSync(join(out, 'c/b'), join(out, 'older'))
    for (const _ of ['into what is there', 'once more']) {
      const { code, stderr } = await space.run(['build', '-o', out, linked])
      expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
      const names = ['c/a', 'c/b', 'c/d/c', 'c/d/x', 'a', 'older']
      const found = names.map((name) => statSync(join(out, name)))
      expect(found.map(({ nlink }) => nlink)).toEqual([3, 3, 3, 1, 1, 1])
      expect(new Set(found.map(({ ino }) => ino)).size).toBe(4)
      expect(readFileSync(join(out, 'older'), 'utf8')).toBe('an older b')
    }
  })
})
