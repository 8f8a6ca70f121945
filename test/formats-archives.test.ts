import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryBlobStore } from '../packages/store/src/blobs/memory-blob-store.js'
import { parseDigest } from '../packages/store/src/digest.js'
import { writeDockerArchive } from '../packages/store/src/formats/docker-archive.js'
import { writeOciArchive } from '../packages/store/src/formats/oci-archive.js'
import { openOciLayout } from '../packages/store/src/formats/oci-layout.js'
import {
  readDockerArchive,
  readImageArchive,
  readOciArchive,
} from '../packages/store/src/formats/read-archive.js'
import { writeOciLayout } from '../packages/store/src/formats/write-oci-layout.js'
import { encodeManifest } from '../packages/store/src/image/encode-manifest.js'
import { parseManifest } from '../packages/store/src/image/parse-manifest.js'
import type { Descriptor } from '../packages/store/src/image/types.js'
import { sampleImage, sampleIndex, tarOf } from './sample-image.js'
import { scanNames } from './scan-names.js'

const NAME = 'docker.io/library/sample:1.0'
let folder = ''
let store = new MemoryBlobStore()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cooperage-archives-'))
  store = new MemoryBlobStore()
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)
const bytesOf = (descriptor: Descriptor) => store.readAll(parseDigest(descriptor.digest), 1e7)

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 777) yield bytes.subarray(i, i + 777)
}

/** The members of a docker archive in the oldest form, to be changed by tests. */
async function legacy(): Promise<{
  files: Record<string, string | Uint8Array>
  config: string
  layer: Uint8Array
}> {
  const image = await sampleImage(store)
  const manifest = parseManifest(await bytesOf(image.descriptor))
  const [first, second] = await Promise.all(manifest.layers.map(bytesOf))
  const config = `${image.configDigest.slice(7)}.json`
  return {
    config,
    layer: first ?? new Uint8Array(),
    files: {
      [config]: await bytesOf(manifest.config),
      'one/': '',
      'one/VERSION': '1.0',
      'one/json': '{}',
      'one/layer.tar': first ?? '',
      'two/layer.tar': second ?? '',
      'manifest.json': JSON.stringify([
        { Config: config, RepoTags: ['sample:1.0'], Layers: ['one/layer.tar', 'two/layer.tar'] },
      ]),
      repositories: '{}',
    },
  }
}

describe('writing', () => {
  test('equal images make equal archives, to a file as to a stream', async () => {
    const image = await sampleImage(store)
    const images = [{ descriptor: image.descriptor, names: [NAME] }]
    for (const write of [writeDockerArchive, writeOciArchive]) {
      await write(images, { store, destination: at('a.tar') })
      const output = createWriteStream(at('b.tar'), { highWaterMark: 10 })
      await write(images, { store, destination: output })
      await new Promise((resolve) => output.end(resolve))
      expect(readFileSync(at('a.tar')).equals(readFileSync(at('b.tar')))).toBe(true)
    }
  })

  test('a docker archive has its documents first and each blob once', async () => {
    const image = await sampleImage(store)
    const names = [NAME, 'example.com/x/y:2', NAME]
    await writeDockerArchive([{ descriptor: image.descriptor, names }], { store, destination: at('a.tar') })
    const found = await scanNames(at('a.tar'))
    expect(found.slice(0, 3)).toEqual(['oci-layout', 'index.json', 'manifest.json'])
    expect(new Set(found).size).toBe(found.length)
    expect(found).toHaveLength(3 + 4)
    const { images } = await readImageArchive(at('a.tar'), { store: new MemoryBlobStore() })
    expect(images.map((each) => each.names)).toEqual([[NAME, 'example.com/x/y:2']])
  })

  test("an OCI archive has BuildKit's order: sorted, with directories", async () => {
    const image = await sampleImage(store)
    await writeOciArchive([{ descriptor: image.descriptor, names: [] }], { store, destination: at('a.tar') })
    const found = await scanNames(at('a.tar'))
    expect(found.slice(0, 2)).toEqual(['blobs/', 'blobs/sha256/'])
    expect(found.slice(-2)).toEqual(['index.json', 'oci-layout'])
    expect([...found].sort()).toEqual(found)
  })

  test('an index keeps its platforms; Docker is pointed at the one that was asked for', async () => {
    const arm = await sampleImage(store, { architecture: 'arm64' })
    const amd = await sampleImage(store)
    const index = await sampleIndex(store, [arm.descriptor, amd.descriptor])
    const platform = { os: 'linux', architecture: 'amd64' }
    await writeDockerArchive([{ descriptor: index, names: [NAME] }], {
      store,
      destination: at('a.tar'),
      platform,
    })
    const fresh = new MemoryBlobStore()
    expect((await readImageArchive(at('a.tar'), { store: fresh })).images).toEqual([
      { descriptor: index, names: [NAME] },
    ])
    const [docker] = (await readDockerArchive(at('a.tar'), { store: fresh })).images
    const manifest = parseManifest(await fresh.readAll(parseDigest(docker?.descriptor.digest), 1e6))
    expect(manifest.config.digest).toBe(amd.configDigest)
  })

  test('an index may lack a platform, but not all of them', async () => {
    const arm = await sampleImage(store, { architecture: 'arm64' })
    const amd = await sampleImage(store)
    const index = await sampleIndex(store, [arm.descriptor, amd.descriptor])
    await store.remove(arm.configDigest)
    await writeOciArchive([{ descriptor: index, names: [NAME] }], { store, destination: at('a.tar') })
    const read = await readOciArchive(at('a.tar'), { store: new MemoryBlobStore() })
    expect(read.missing.map((each) => each.digest)).toContain(arm.descriptor.digest)
    await store.remove(amd.configDigest)
    await expect(
      writeOciArchive([{ descriptor: index, names: [NAME] }], { store, destination: at('b.tar') }),
    ).rejects.toMatchObject({ code: 'E_BLOB_MISSING' })
    expect(await readdir(folder)).toEqual(['a.tar'])
  })

  test('an output that fails leaves the old file and nothing else', async () => {
    const image = await sampleImage(store)
    await writeFile(at('a.tar'), 'old')
    const failing = new MemoryBlobStore()
    for await (const { digest } of store.list()) await failing.put(await store.readAll(digest, 1e7))
    failing.read = async function* () {
      yield new Uint8Array(10)
      throw new Error('disk')
    }
    const images = [{ descriptor: image.descriptor, names: [NAME] }]
    await expect(writeDockerArchive(images, { store: failing, destination: at('a.tar') })).rejects.toThrow(
      'disk',
    )
    expect(readFileSync(at('a.tar'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['a.tar'])
    await writeDockerArchive(images, { store, destination: at('a.tar') })
    expect(await readdir(folder)).toEqual(['a.tar'])
  })

  test('a directory is no output, a link is followed, a device is written to', async () => {
    const image = await sampleImage(store)
    const images = [{ descriptor: image.descriptor, names: [NAME] }]
    await expect(writeOciArchive(images, { store, destination: folder })).rejects.toMatchObject({
      code: 'E_OUTPUT_DIRECTORY',
    })
    await expect(writeOciArchive(images, { store, destination: at('no/a.tar') })).rejects.toMatchObject({
      code: 'E_OUTPUT_DIRECTORY',
    })
    await writeFile(at('real.tar'), '')
    await symlink('real.tar', at('link.tar'))
    await writeOciArchive(images, { store, destination: at('link.tar') })
    expect(readFileSync(at('real.tar')).length).toBeGreaterThan(1000)
    await writeOciArchive(images, { store, destination: '/dev/null' })
  })

  test('an error of the stream ends the writing', async () => {
    const image = await sampleImage(store)
    const broken = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
      },
    })
    await expect(
      writeDockerArchive([{ descriptor: image.descriptor, names: [NAME] }], { store, destination: broken }),
    ).rejects.toThrow('EPIPE')
  })

  test('names must be full and have a tag', async () => {
    const image = await sampleImage(store)
    for (const name of ['sample', 'sample:1', 'docker.io/library/sample', 'docker.io/x@sha256:00']) {
      const images = [{ descriptor: image.descriptor, names: [name] }]
      await expect(
        writeDockerArchive(images, { store, destination: at('a.tar') }),
        name,
      ).rejects.toMatchObject({
        code: 'E_REF',
      })
    }
  })
})

describe('reading docker archives', () => {
  const read = (files: Record<string, string | Uint8Array>) =>
    readImageArchive(stream(tarOf(files)), { store: new MemoryBlobStore() })

  test('the oldest form is read, in any order, with "./" names, links for layers, and gzip around it', async () => {
    const { files, config } = await legacy()
    const names = [['sample:1.0']]
    const seen = async (archive: Uint8Array) =>
      (await readImageArchive(stream(archive), { store: new MemoryBlobStore() })).images.map(
        (each) => each.names,
      )
    expect(await seen(tarOf(files))).toEqual(names)
    expect(await seen(gzipSync(tarOf(files)))).toEqual(names)
    expect(await seen(tarOf(Object.fromEntries(Object.entries(files).reverse())))).toEqual(names)
    expect(
      await seen(tarOf(Object.fromEntries(Object.entries(files).map(([k, v]) => [`./${k}`, v])))),
    ).toEqual(names)
    const { 'one/layer.tar': layer = '', ...rest } = files
    const linked = { 'real/layer.tar': layer, 'one/layer.tar': '-> ../real/layer.tar', ...rest }
    expect(await seen(tarOf(linked))).toEqual(names)
    expect(await seen(tarOf({ ...linked, 'one/layer.tar': '=> real/layer.tar' }))).toEqual(names)
    expect(await seen(tarOf({ ...files, 'one/layer.tar': gzipSync(layer) }))).toEqual(names)
    const manifest = [{ Config: `./${config}`, RepoTags: null, Layers: ['one/layer.tar', './two/layer.tar'] }]
    expect(await seen(tarOf({ ...files, 'manifest.json': JSON.stringify(manifest) }))).toEqual([[]])
  })

  test('what is wrong is told by code', async () => {
    const { files, config } = await legacy()
    const { 'manifest.json': _, ...bare } = files
    const layers = ['one/layer.tar', 'two/layer.tar']
    const manifest = (value: unknown) => ({ ...files, 'manifest.json': JSON.stringify(value) })
    const entry = { Config: config, RepoTags: ['a:1'], Layers: layers }
    const hex = 'a'.repeat(64)
    const rows: [code: string, files: Record<string, string | Uint8Array>][] = [
      ['E_ARCHIVE_FORMAT', bare],
      ['E_ARCHIVE_FORMAT', { 'x.txt': '' }],
      ['E_ARCHIVE_MANIFEST', manifest({})],
      ['E_ARCHIVE_MANIFEST', manifest([])],
      ['E_ARCHIVE_MANIFEST', manifest([{ Config: 1 }])],
      ['E_ARCHIVE_MANIFEST', { ...files, 'manifest.json': '[' }],
      ['E_MANIFEST_AMBIGUOUS', { ...files, 'manifest.json': '[{"Config":"a","Config":"b"}]' }],
      ['E_ARCHIVE_MANIFEST', manifest([{ ...entry, Layers: [config, 'two/layer.tar'] }])],
      ['E_ARCHIVE_MISSING', manifest([{ ...entry, Config: 'nope.json' }])],
      ['E_ARCHIVE_MISSING', manifest([{ ...entry, Layers: ['one/layer.tar', 'nope'] }])],
      ['E_ARCHIVE_PATH', manifest([{ ...entry, Layers: ['../one/layer.tar', 'two/layer.tar'] }])],
      ['E_ARCHIVE_PATH', { ...files, '../x': 'x' }],
      ['E_ARCHIVE_PATH', { ...files, '/etc/x': 'x' }],
      ['E_ARCHIVE_PATH', { ...files, 'one/layer.tar': '-> /etc/passwd' }],
      ['E_ARCHIVE_PATH', { ...files, 'one/layer.tar': '-> ../../x' }],
      [
        'E_ARCHIVE_PATH',
        { ...files, 'one/layer.tar': '-> ../two/layer.tar', 'two/layer.tar': '-> ../one/layer.tar' },
      ],
      ['E_ARCHIVE_PATH', { ...files, 'blobs/sha256/short': 'x' }],
      ['E_ARCHIVE_DIGEST', { ...files, [`blobs/sha256/${hex}`]: 'x' }],
      ['E_ARCHIVE_AMBIGUOUS', { ...files, './one/layer.tar': 'x' }],
      ['E_ARCHIVE_TAG', manifest([entry, { ...entry, Config: 'other.json' }])],
      ['E_DIFFID', manifest([{ ...entry, Layers: ['one/layer.tar'] }])],
      ['E_DIFFID', manifest([{ ...entry, Layers: [...layers].reverse() }])],
      ['E_XZ_TRUNCATED', { ...files, 'one/layer.tar': Buffer.from('fd377a585a0000', 'hex') }],
      ['E_CONFIG', { ...files, [config]: '{}' }],
      ['E_LIMIT', { ...files, 'big.json': Buffer.alloc(5 << 20) }],
    ]
    for (const [code, members] of rows) {
      await expect(read(members), `${code}: ${Object.keys(members).join(' ')}`).rejects.toMatchObject({
        code,
      })
    }
    await expect(
      readImageArchive(stream(Buffer.from('no tar at all'.repeat(99))), { store }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^E_TAR_/),
    })
    await expect(readImageArchive(at('nothing'), { store })).rejects.toMatchObject({
      code: 'E_ARCHIVE_NOT_FOUND',
    })
  })

  test('a cut archive is refused wherever it is cut', async () => {
    const { files } = await legacy()
    const whole = tarOf(files)
    for (let length = 0; length < whole.length - 1024; length += 1111) {
      await expect(
        readImageArchive(stream(whole.subarray(0, length)), { store: new MemoryBlobStore() }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^E_/) })
    }
  })
})

describe('OCI layouts', () => {
  async function layout(): Promise<string> {
    const image = await sampleImage(store, { gzip: true })
    await writeOciLayout([{ descriptor: image.descriptor, names: [NAME] }], {
      store,
      directory: at('layout'),
    })
    return at('layout')
  }

  test('a layout is read back, and found by tag, name and digest', async () => {
    const path = await layout()
    const read = await openOciLayout(path)
    const [image] = read.images
    for (const reference of [undefined, '1.0', NAME, image?.descriptor.digest]) {
      expect(read.resolve(reference)).toBe(image)
    }
    expect(() => read.resolve('2.0')).toThrow(
      expect.objectContaining({ code: 'E_ARCHIVE_REF', data: { reference: '2.0', available: [NAME] } }),
    )
    const fresh = new MemoryBlobStore()
    expect((await read.import({ store: fresh })).images).toEqual([image])
    expect((await readImageArchive(path, { store: fresh })).images).toEqual([image])
  })

  test('the same tag replaces, another is added, blobs are shared', async () => {
    const path = await layout()
    const other = await sampleImage(store, { architecture: 'arm64' })
    await writeOciLayout([{ descriptor: other.descriptor, names: ['docker.io/library/sample:2.0'] }], {
      store,
      directory: path,
    })
    await writeOciLayout([{ descriptor: other.descriptor, names: [NAME] }], { store, directory: path })
    const read = await openOciLayout(path)
    expect(read.images).toEqual([
      { descriptor: other.descriptor, names: ['docker.io/library/sample:2.0', NAME] },
    ])
    await openOciLayout(path)
    expect((await readdir(path)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
  })

  test('a directory with other things in it is left alone', async () => {
    await writeFile(at('precious'), '')
    const image = await sampleImage(store)
    await expect(
      writeOciLayout([{ descriptor: image.descriptor, names: [] }], { store, directory: folder }),
    ).rejects.toMatchObject({ code: 'E_ARCHIVE_LAYOUT' })
  })

  test('what is wrong is told by code, and links are never followed', async () => {
    const path = await layout()
    const image = (await openOciLayout(path)).resolve()
    const blob = join(path, 'blobs/sha256', image.descriptor.digest.slice(7))
    const load = async () => (await openOciLayout(path)).import({ store: new MemoryBlobStore() })
    const bytes = readFileSync(blob)

    await writeFile(blob, Buffer.from(bytes).fill(0x20, 0, 1))
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_DIGEST' })
    await writeFile(blob, Buffer.concat([bytes, Buffer.alloc(1)]))
    await expect(load()).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH' })
    await rm(blob)
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_MISSING' })
    await writeFile(at('outside'), bytes)
    await symlink(at('outside'), blob)
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_ENTRY' })
    await rm(blob)
    await mkdir(blob)
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_ENTRY' })
    await rm(blob, { recursive: true })
    await writeFile(blob, bytes)
    await load()
    await rename(join(path, 'blobs'), at('moved'))
    await symlink(at('moved'), join(path, 'blobs'))
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_ENTRY' })

    await writeFile(join(path, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_LAYOUT' })
    await rm(join(path, 'oci-layout'))
    await expect(load()).rejects.toMatchObject({ code: 'E_ARCHIVE_LAYOUT' })
    expect(existsSync(at('moved'))).toBe(true)
  })

  test('a layer that is not what the config says is refused', async () => {
    const image = await sampleImage(store, { gzip: true })
    const manifest = parseManifest(await bytesOf(image.descriptor))
    const swapped = await store.put(encodeManifest({ ...manifest, layers: [...manifest.layers].reverse() }))
    const descriptor = { mediaType: image.descriptor.mediaType, ...swapped }
    await writeOciArchive([{ descriptor, names: [] }], { store, destination: at('a.tar') })
    await expect(readOciArchive(at('a.tar'), { store: new MemoryBlobStore() })).rejects.toMatchObject({
      code: 'E_DIFFID',
      data: { layer: 0, expected: image.diffIds[0], found: image.diffIds[1] },
    })
  })
})
