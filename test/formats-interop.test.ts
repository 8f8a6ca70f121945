import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryBlobStore } from '../packages/store/src/blobs/memory-blob-store.js'
import { parseDigest } from '../packages/store/src/digest.js'
import { writeDockerArchive } from '../packages/store/src/formats/docker-archive.js'
import { writeOciArchive } from '../packages/store/src/formats/oci-archive.js'
import {
  readDockerArchive,
  readImageArchive,
  readOciArchive,
} from '../packages/store/src/formats/read-archive.js'
import { writeOciLayout } from '../packages/store/src/formats/write-oci-layout.js'
import { parseManifest } from '../packages/store/src/image/parse-manifest.js'
import { podmanApart } from './podman-apart.js'
import { type SampleImage, sampleImage } from './sample-image.js'

const NAME = 'docker.io/library/sample:1.0'
// podman makes a name of the path of a layout, and names have no capitals.
const folder = join(tmpdir(), `cooperage-formats-${randomBytes(6).toString('hex')}`)
mkdirSync(folder)
const store = new MemoryBlobStore()
const plain = {
  docker: join(folder, 'plain.docker.tar'),
  oci: join(folder, 'plain.oci.tar'),
  layout: join(folder, 'plain'),
}
const gzip = {
  docker: join(folder, 'gzip.docker.tar'),
  oci: join(folder, 'gzip.oci.tar'),
  layout: join(folder, 'gzip'),
}
let plainImage: SampleImage
let gzipImage: SampleImage

/** A tool that judges us; where it is missing its tests are skipped by name, but not in CI. */
function judge(tool: string): boolean {
  if (spawnSync(tool, ['--version']).status === 0) return true
  if (process.env.CI === 'true') throw new Error(`${tool} must be installed in CI`)
  console.log(`skipped: ${tool} is not installed`)
  return false
}

const skopeo = judge('skopeo')
const umoci = judge('umoci')
const podman = judge('podman')

function run(tool: string, ...args: string[]): string {
  return execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function podmanRun(...args: string[]): string {
  return run('podman', ...podmanApart(folder), ...args)
}

beforeAll(async () => {
  plainImage = await sampleImage(store)
  gzipImage = await sampleImage(store, { gzip: true })
  for (const [image, paths] of [
    [plainImage, plain],
    [gzipImage, gzip],
  ] as const) {
    const images = [{ descriptor: image.descriptor, names: [NAME] }]
    await writeDockerArchive(images, { store, destination: paths.docker })
    await writeOciArchive(images, { store, destination: paths.oci })
    await writeOciLayout(images, { store, directory: paths.layout })
  }
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!skopeo)('skopeo reads what we write, and finds the same image', () => {
  for (const [paths, image] of [
    [plain, plainImage],
    [gzip, gzipImage],
  ] as const) {
    for (const from of [
      `docker-archive:${paths.docker}`,
      `oci-archive:${paths.oci}`,
      `oci:${paths.layout}:1.0`,
    ]) {
      const inspected = JSON.parse(run('skopeo', 'inspect', '--config', from))
      expect(inspected.rootfs.diff_ids, from).toEqual(image.diffIds)
      const target = join(folder, `copy-${Math.random()}`)
      run('skopeo', 'copy', '-q', from, `oci:${target}:x`)
      expect(existsSync(join(target, 'index.json'))).toBe(true)
    }
    expect(run('skopeo', 'inspect', '--format', '{{.Digest}}', `oci-archive:${paths.oci}`).trim()).toBe(
      image.descriptor.digest,
    )
  }
})

test.skipIf(!skopeo)('we read what skopeo writes, and keep the config to the byte', async () => {
  for (const [paths, image] of [
    [plain, plainImage],
    [gzip, gzipImage],
  ] as const) {
    const docker = join(
      folder,
      `skopeo-${image.configDigest.slice(7, 12)}-${image.descriptor.size}.docker.tar`,
    )
    run(
      'skopeo',
      'copy',
      '-q',
      `oci:${paths.layout}:1.0`,
      `docker-archive:${docker}:docker.io/library/other:2`,
    )
    const oci = docker.replace('docker.tar', 'oci.tar')
    run('skopeo', 'copy', '-q', `oci:${paths.layout}:1.0`, `oci-archive:${oci}:docker.io/library/other:2`)
    for (const read of [
      () => readDockerArchive(docker, { store: new MemoryBlobStore() }),
      () => readImageArchive(docker, { store: new MemoryBlobStore() }),
      () => readOciArchive(oci, { store: new MemoryBlobStore() }),
    ]) {
      const { images, missing } = await read()
      expect(missing).toEqual([])
      expect(images.map(({ names }) => names)).toEqual([['docker.io/library/other:2']])
    }
    const fresh = new MemoryBlobStore()
    const [loaded] = (await readImageArchive(docker, { store: fresh })).images
    const manifest = parseManifest(await fresh.readAll(parseDigest(loaded?.descriptor.digest), 1e6))
    expect(manifest.config.digest).toBe(image.configDigest)
    expect(manifest.layers.map((layer) => layer.digest)).toEqual(image.diffIds)
  }
})

test.skipIf(!umoci)('umoci checks every digest of our layout and unpacks it', () => {
  for (const paths of [plain, gzip]) {
    const bundle = `${paths.layout}-bundle`
    run('umoci', 'unpack', '--rootless', '--image', `${paths.layout}:1.0`, bundle)
    expect(readFileSync(join(bundle, 'rootfs/a.txt'), 'utf8')).toBe('first')
    expect(readFileSync(join(bundle, 'rootfs/link'), 'utf8')).toBe('second')
    expect(existsSync(join(bundle, 'rootfs/etc/passwd'))).toBe(true)
    expect(existsSync(join(bundle, 'rootfs/etc/old'))).toBe(false)
    expect(run('umoci', 'stat', '--image', `${paths.layout}:1.0`)).toContain('ENV PATH=/bin')
  }
})

test.skipIf(!podman)('podman loads all three forms under the full name, as the image of our config', () => {
  for (const [paths, image] of [
    [plain, plainImage],
    [gzip, gzipImage],
  ] as const) {
    for (const path of [paths.docker, paths.oci]) {
      expect(podmanRun('load', '-q', '-i', path), path).toContain(NAME)
      const inspected = JSON.parse(podmanRun('image', 'inspect', NAME))[0]
      expect(`sha256:${inspected.Id}`, path).toBe(image.configDigest)
      expect(inspected.RootFS.Layers).toEqual(image.diffIds)
      podmanRun('rmi', NAME)
    }
    expect(podmanRun('load', '-q', '-i', paths.layout), paths.layout).toContain('Loaded')
    podmanRun('rmi', '--all', '--force')
  }
})

test.skipIf(!podman)('we read what podman saves', async () => {
  podmanRun('load', '-q', '-i', plain.docker)
  for (const format of ['docker-archive', 'oci-archive']) {
    const path = join(folder, `podman.${format}.tar`)
    podmanRun('save', '-q', '--format', format, '-o', path, NAME)
    const fresh = new MemoryBlobStore()
    const { images } = await readImageArchive(path, { store: fresh })
    expect(images).toHaveLength(1)
    expect(images[0]?.names).toEqual([NAME])
  }
})
