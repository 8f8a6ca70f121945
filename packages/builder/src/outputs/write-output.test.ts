import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, openStore, type Store } from '@cooperage/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { build } from '../build.js'
import type { BuildOptions } from '../build-options.js'
import { memory } from '../context/memory.js'
import { parseOutput } from './parse-output.js'

let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outputs-'))
  store = await openStore({ path: join(folder, 'store') })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function run(outputs: string[], more: Partial<BuildOptions> = {}) {
  return build({
    store,
    context: memory({
      Dockerfile: 'FROM scratch\nCOPY a /d/a\nCOPY --chmod=4711 a /d/su\nWORKDIR /w\n',
      a: 'hello\n',
    }),
    sourceDateEpoch: 1_600_000_000,
    tags: ['outputs:1', 'example.org/me/outputs'],
    outputs: outputs.map(parseOutput),
    ...more,
  })
}

function inTar(path: string, name: string): Buffer {
  return execFileSync('tar', ['-xOf', path, name])
}

function manifestIn(path: string): Manifest {
  const index = JSON.parse(inTar(path, 'index.json').toString())
  return JSON.parse(inTar(path, `blobs/${index.manifests[0].digest.replace(':', '/')}`).toString())
}

describe('outputs of one build', () => {
  it('are all written, each in its form, from one set of layers', async () => {
    const at = (name: string) => join(folder, name)
    const { outputs, tags } = await run([
      `type=docker,dest=${at('d.tar')}`,
      `type=oci,dest=${at('o.tar')}`,
      `type=oci,dest=${at('layout')},tar=false,compression=uncompressed`,
      `type=tar,dest=${at('files.tar')}`,
      `type=local,dest=${at('files')}`,
    ])
    expect(tags).toEqual(['docker.io/library/outputs:1', 'example.org/me/outputs:latest'])
    expect(outputs.map((output) => output.kind)).toEqual(['docker', 'oci', 'oci', 'tar', 'local'])
    const [docker] = JSON.parse(inTar(at('d.tar'), 'manifest.json').toString())
    expect(docker.RepoTags).toEqual(tags)
    expect(manifestIn(at('d.tar')).layers.map((layer) => layer.mediaType)).toEqual(
      Array(3).fill('application/vnd.oci.image.layer.v1.tar'),
    )
    expect(manifestIn(at('o.tar')).layers.map((layer) => layer.mediaType)).toEqual(
      Array(3).fill('application/vnd.oci.image.layer.v1.tar+gzip'),
    )
    expect(manifestIn(at('o.tar')).config).toEqual(manifestIn(at('d.tar')).config)
    expect(readdirSync(at('layout')).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
    expect(
      execFileSync('tar', ['-tf', at('files.tar')])
        .toString()
        .split('\n'),
    ).toEqual(['d/', 'd/a', 'd/su', 'w/', ''])
    expect(readFileSync(at('files/d/a'), 'utf8')).toBe('hello\n')
    expect((lstatSync(at('files/d/su')).mode & 0o7777).toString(8)).toBe('4711')
    expect(lstatSync(at('files/d/a')).mtimeMs).toBe(1_600_000_000_000)
  })

  it('have times before 1970 in a directory too', async () => {
    const files = join(folder, 'files')
    await run([`type=local,dest=${files}`], { sourceDateEpoch: -86_400 })
    for (const name of ['d', 'd/a', 'w']) expect(lstatSync(join(files, name)).mtimeMs).toBe(-86_400_000)
  })

  it('say that times were limited when that was asked for', async () => {
    const path = join(folder, 'o.tar')
    await run([`type=oci,dest=${path},rewrite-timestamp=true,compression=uncompressed`])
    for (const layer of manifestIn(path).layers) {
      expect(layer.annotations).toEqual({ 'buildkit/rewritten-timestamp': '1600000000' })
    }
  })

  it('carry annotations and the media types of Docker when asked to', async () => {
    const path = join(folder, 'o.tar')
    await run([`type=oci,dest=${path},oci-mediatypes=false,annotation.a=b`], { annotations: { c: 'd' } })
    const manifest = manifestIn(path)
    expect(manifest.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json')
    expect(manifest.config.mediaType).toBe('application/vnd.docker.container.image.v1+json')
    expect(manifest.layers[0]?.mediaType).toBe('application/vnd.docker.image.rootfs.diff.tar.gzip')
    expect(manifest.annotations).toEqual({ a: 'b', c: 'd' })
  })

  it('keep layers of a base image as they came, unless compression is forced', async () => {
    const layout = join(folder, 'layout')
    await run([`type=oci,dest=${layout},tar=false`], { tags: ['base:1'] })
    const child = {
      context: memory({ Dockerfile: 'FROM base\nCOPY b /b\n', b: 'b' }),
      buildContexts: { base: { kind: 'oci-layout', path: layout } },
    } as const
    const kinds = async (output: string) => {
      const path = join(folder, 'child.tar')
      await run([`${output},dest=${path}`], child)
      return manifestIn(path).layers.map((layer) => layer.mediaType.split('.').at(-1))
    }
    expect(await kinds('type=oci,compression=uncompressed')).toEqual([
      'tar+gzip',
      'tar+gzip',
      'tar+gzip',
      'tar',
    ])
    expect(await kinds('type=oci,compression=uncompressed,force-compression=true')).toEqual(
      Array(4).fill('tar'),
    )
    expect(await kinds('type=docker')).toEqual(Array(4).fill('tar'))
  })
})

describe('files in a directory', () => {
  it('are added to what is there', async () => {
    mkdirSync(join(folder, 'out/d'), { recursive: true })
    writeFileSync(join(folder, 'out/d/a'), 'old')
    writeFileSync(join(folder, 'out/mine'), 'mine')
    await run([join(folder, 'out')])
    expect(readFileSync(join(folder, 'out/d/a'), 'utf8')).toBe('hello\n')
    expect(readFileSync(join(folder, 'out/mine'), 'utf8')).toBe('mine')
  })

  it('never go through a link that lies in the way', async () => {
    mkdirSync(join(folder, 'out'))
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync('../elsewhere', join(folder, 'out/d'))
    await expect(run([join(folder, 'out')])).rejects.toMatchObject({ code: 'E_OUTPUT_LINK' })
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  it('replace a link that has the name of a file, not what it points to', async () => {
    mkdirSync(join(folder, 'out/d'), { recursive: true })
    writeFileSync(join(folder, 'target'), 'untouched')
    symlinkSync('../../target', join(folder, 'out/d/a'))
    await run([join(folder, 'out')])
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('untouched')
    expect(lstatSync(join(folder, 'out/d/a')).isFile()).toBe(true)
  })
})
