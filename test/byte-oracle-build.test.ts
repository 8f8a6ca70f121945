import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Descriptor, encodeManifest, type ImageConfig, type Manifest, MediaType } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { sharedPath } from './shared.js'
import { workspace } from './workspace.js'

const EPOCH = 1445412480
const root = sharedPath('corpora/buildkit/compatibility')
const space = workspace('byte-oracle')

/** The inputs of BuildKit's compatibility test, a folder for each layer. Before level 20 git's files were 0666. */
const inputs = (gitMode: number) => [
  { files: { 'base/base.txt': 'compatibility base\n', 'proc/': undefined, 'sys/': undefined }, modes: {} },
  {
    files: {
      'inputs/git/git.txt': 'git fixture\n',
      'inputs/git/nested.txt': 'nested fixture\n',
      'inputs/http.txt': 'http fixture\n',
      'inputs/llb.txt': 'llb fixture\n',
    },
    modes: { 'inputs/git/git.txt': gitMode, 'inputs/git/nested.txt': gitMode, 'inputs/http.txt': 0o600 },
  },
  // A RUN made these; what it made is known, so they can be copied as well.
  {
    files: { 'generated/exec.txt': 'exec-fixture\n', 'generated/deeper/nested.txt': 'nested-exec\n' },
    modes: {},
  },
]

const LEVELS: Readonly<Record<string, number>> = { v10: 0o666, v20: 0o644, v30: 0o644 }

describe.skipIf(root === undefined)("BuildKit's recorded build, done again by the command", () => {
  it.each(Object.entries(LEVELS))('gives every layer but that of busybox: %s', async (level, gitMode) => {
    const built = await buildLayers(`plain-${level}`, gitMode, 'compression=uncompressed')
    const configs = readdirSync(join(root!, 'common')).map((name) =>
      join(root!, 'common', name, level, 'config.json'),
    )
    expect(configs).toHaveLength(8)
    for (const path of configs) {
      const { rootfs } = JSON.parse(readFileSync(path, 'utf8')) as ImageConfig
      expect(rootfs.diff_ids.slice(1), path).toEqual(built.map(({ diffId }) => diffId))
    }
  })

  it.each(Object.entries(LEVELS))(
    'gives the manifests of layers that are not compressed: %s',
    async (level, gitMode) => {
      const built = await buildLayers(`manifest-${level}`, gitMode, 'compression=uncompressed')
      const paths = manifestsOf('uncompressed', level)
      expect(paths.length).toBeGreaterThan(0)
      for (const path of paths) {
        const recorded = JSON.parse(readFileSync(path, 'utf8')) as Manifest
        const layers = [recorded.layers[0]!, ...built.map(({ descriptor }) => descriptor)]
        expect(Buffer.from(manifestOf(recorded, layers)).toString(), path).toBe(readFileSync(path, 'utf8'))
      }
    },
  )

  it.each(Object.entries(LEVELS))(
    'gives the blobs of layers that gzip only stores: %s',
    async (level, gitMode) => {
      const built = await buildLayers(`stored-${level}`, gitMode, 'compression=gzip,compression-level=0')
      const paths = manifestsOf('gzip-level-0', level)
      expect(paths.length).toBeGreaterThan(0)
      for (const path of paths) {
        const recorded = JSON.parse(readFileSync(path, 'utf8')) as Manifest
        const layers = [recorded.layers[0]!, ...built.map(({ descriptor }) => descriptor)]
        expect(Buffer.from(manifestOf(recorded, layers)).toString(), path).toBe(readFileSync(path, 'utf8'))
      }
    },
  )
})

/** Every manifest of a case: for both exporters where they differ, or the one that they share. */
function manifestsOf(name: string, level: string): string[] {
  return ['common', 'image', 'oci']
    .map((exporter) => join(root!, exporter, name, level, 'manifest.json'))
    .filter((path) => existsSync(path))
}

/** The recorded config is named, with these layers in the family of media types of the recorded manifest. */
function manifestOf(recorded: Manifest, layers: readonly Descriptor[]): Uint8Array {
  const isDocker = recorded.mediaType === MediaType.dockerManifest
  const own = layers.slice(1).map((layer) => {
    if (!isDocker) return layer
    const { mediaType, digest, size } = layer
    const type = mediaType === MediaType.ociLayer ? MediaType.dockerLayer : MediaType.dockerLayerGzip
    return { mediaType: type, digest, size }
  })
  return encodeManifest({ ...recorded, layers: [layers[0]!, ...own] })
}

async function buildLayers(name: string, gitMode: number, compression: string) {
  const built: { diffId: string; descriptor: Descriptor }[] = []
  for (const [index, { files, modes }] of inputs(gitMode).entries()) {
    const context = `${name}-${index}`
    space.folder(`${context}/tree`, files)
    for (const [path, mode] of Object.entries(modes)) chmodSync(space.path(`${context}/tree/${path}`), mode)
    space.folder(context, { Dockerfile: 'FROM scratch\nCOPY tree /\n' })
    const archive = space.path(`${context}.tar`)
    const { code, stderr } = await space.run(
      [
        'build',
        '--platform',
        'linux/amd64',
        '-o',
        `type=oci,dest=${archive},rewrite-timestamp=true,${compression}`,
        context,
      ],
      { env: { SOURCE_DATE_EPOCH: String(EPOCH) } },
    )
    expect(code, stderr).toBe(0)
    const folder = space.path(`${context}.d`)
    mkdirSync(folder)
    execFileSync('tar', ['-xf', archive, '-C', folder])
    const json = <T>(path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as T
    const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`
    const [manifest] = json<{ manifests: { digest: string }[] }>('index.json').manifests
    const { config, layers } = json<Manifest>(blob(manifest!.digest))
    const { rootfs } = json<ImageConfig>(blob(config.digest))
    built.push({ diffId: rootfs.diff_ids[0]!, descriptor: layers[0]! })
  }
  return built
}
