import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { build, directory } from '@cooperage/builder'
import {
  digestOf,
  encodeIndex,
  type ImageConfig,
  type Index,
  type Manifest,
  MediaType,
  openStore,
} from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { layoutOf } from './layout-of.js'
import { podmanApart } from './podman-apart.js'
import { hostTool } from './rival-tools.js'
import { storeDirectory } from './store-directory.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('multi-platform')
const TWO = ['--platform', 'linux/amd64,linux/arm/v7']

const DOCKERFILE = `FROM --platform=$BUILDPLATFORM scratch AS tool
COPY tool /bin/tool
FROM scratch AS app
ARG TARGETPLATFORM
ARG BUILDPLATFORM
COPY --from=tool /bin/tool /bin/tool
COPY for/$TARGETPLATFORM /app
LABEL built.on=$BUILDPLATFORM built.for=$TARGETPLATFORM
`

const context = space.folder('context', {
  Dockerfile: DOCKERFILE,
  tool: 'tool\n',
  'for/linux/amd64/app': 'of amd64\n',
  'for/linux/arm/v7/app': 'of arm\n',
})

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const result = await space.run(args, { env })
  expect([result.code, result.code === 0 ? '' : result.stderr]).toEqual([0, ''])
  return result
}

type Config = Partial<ImageConfig>

function layoutDocument<T>(layout: string, digest: string): T {
  return JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8')) as T
}

describe('a build for several platforms', () => {
  it('gives an index with an image for each, which the index of the layout names', async () => {
    const layout = space.path('layout')
    await run(['build', ...TWO, '-t', 'app:1', '-o', `type=oci,tar=false,dest=${layout}`, context])
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Index
    expect(manifests.map(({ mediaType, platform }) => [mediaType, platform])).toEqual([
      [MediaType.ociIndex, undefined],
    ])
    const index = layoutDocument<Index>(layout, manifests[0]!.digest)
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm', os: 'linux', variant: 'v7' },
    ])
    const images = index.manifests.map(({ digest }) => layoutDocument<Manifest>(layout, digest))
    const configs = images.map(({ config }) => layoutDocument<Config>(layout, config.digest))
    const here = configs[0]?.config?.Labels?.['built.on']
    expect(configs).toMatchObject([
      { architecture: 'amd64', config: { Labels: { 'built.on': here, 'built.for': 'linux/amd64' } } },
      {
        architecture: 'arm',
        variant: 'v7',
        config: { Labels: { 'built.on': here, 'built.for': 'linux/arm/v7' } },
      },
    ])
    // What does not depend on the platform is the same layer.
    expect(images[0]!.layers[0]).toEqual(images[1]!.layers[0])
    expect(images[0]!.layers[1]).not.toEqual(images[1]!.layers[1])
  })

  it('executes once what is the same for all, and walks the context once', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const handle = build({ store, context: directory(context), platforms: ['linux/amd64', 'linux/arm/v7'] })
    const names: string[] = []
    for await (const event of handle) if (event.type === 'step.start') names.push(event.name)
    const result = await handle
    const [first, second] = result.images
    expect(result.stats).toMatchObject({ steps: 5, cached: 0, contextFiles: 4 })
    expect(names.filter((name) => name.includes('load build context'))).toHaveLength(1)
    expect(names.filter((name) => name.includes('] COPY')).sort()).toEqual(
      [
        '[linux/amd64 app 1/2] COPY --from=tool /bin/tool /bin/tool',
        '[linux/amd64 app 2/2] COPY for/$TARGETPLATFORM /app',
        '[linux/amd64 tool 1/1] COPY tool /bin/tool',
        '[linux/arm/v7 app 1/2] COPY --from=tool /bin/tool /bin/tool',
        '[linux/arm/v7 app 2/2] COPY for/$TARGETPLATFORM /app',
      ].sort(),
    )
    expect(result.descriptor.mediaType).toBe(MediaType.ociIndex)
    expect(result.imageId).toBe(result.descriptor.digest)
    expect(result.config).toEqual(first!.config)
    expect(first).toMatchObject({
      platform: { architecture: 'amd64' },
      descriptor: { mediaType: MediaType.ociManifest },
    })
    expect(second).toMatchObject({ platform: { architecture: 'arm', variant: 'v7' } })
    expect(first!.imageId).not.toBe(second!.imageId)
    const again = await build({
      store,
      context: directory(context),
      platforms: ['linux/amd64', 'linux/arm/v7'],
    })
    expect(again.descriptor).toEqual(result.descriptor)
    expect(again.stats).toMatchObject({ steps: 5, cached: 5, filesRead: 0 })
  })

  it('says in progress what a step of another platform is for', async () => {
    const dockerfile = 'FROM --platform=$BUILDPLATFORM scratch\nARG TARGETARCH\nCOPY tool /$TARGETARCH\n'
    const file = join(space.folder('cross', { Dockerfile: dockerfile, tool: '' }), 'Dockerfile')
    const { stderr } = await run([
      'build',
      '--progress=plain',
      '--platform=linux/s390x,linux/riscv64',
      '-f',
      file,
      context,
    ])
    expect(stderr).toMatch(/^#\d+ \[linux\/s390x 1\/1\] COPY tool/m)
    expect(stderr).toMatch(/^#\d+ \[linux\/riscv64 1\/1\] COPY tool/m)
  })

  it('takes of each base the image for its platform', async () => {
    const platforms = ['amd64', 'arm64'] as const
    const layouts = platforms.map((architecture) => {
      const at = space.path(`base-${architecture}`)
      const layers = [tarOf([{ name: `of-${architecture}`, content: architecture }])]
      layoutOf(at, {
        layers,
        platform: { os: 'linux', architecture },
        config: { Env: [`IS=${architecture}`] },
      })
      return at
    })
    const both = space.path('base-both')
    mkdirSync(both)
    execFileSync('cp', ['-r', join(layouts[0]!, 'blobs'), join(layouts[0]!, 'oci-layout'), both])
    execFileSync('cp', ['-r', join(layouts[1]!, 'blobs'), both])
    const entries = layouts.flatMap(
      (at) => (JSON.parse(readFileSync(join(at, 'index.json'), 'utf8')) as Index).manifests,
    )
    const nested = encodeIndex({
      schemaVersion: 2,
      mediaType: MediaType.ociIndex,
      manifests: entries.map(({ annotations: _, ...entry }) => entry),
    })
    const digest = digestOf(nested)
    writeFileSync(join(both, 'blobs', digest.replace(':', '/')), nested)
    const root = { mediaType: MediaType.ociIndex, digest, size: nested.length }
    writeFileSync(
      join(both, 'index.json'),
      encodeIndex({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [root] }),
    )
    const from = space.folder('from', {
      Dockerfile: 'FROM base\nARG TARGETARCH\nLABEL is=$IS-$TARGETARCH\nCOPY Dockerfile /\n',
    })
    const out = space.path('of-base')
    const line = [
      'build',
      '--build-context',
      `base=oci-layout://${both}`,
      '--platform=linux/amd64,linux/arm64',
    ]
    await run([...line, '-t', 'based:1', '-o', out, from])
    expect(readdirSync(out).sort()).toEqual(['linux_amd64', 'linux_arm64'])
    expect(readdirSync(join(out, 'linux_arm64')).sort()).toEqual(['Dockerfile', 'of-arm64'])
    const { stdout } = await run(['inspect', '--platform', 'linux/arm64', 'based:1'])
    expect(JSON.parse(stdout)).toMatchObject([
      { Architecture: 'arm64', Config: { Labels: { is: 'arm64-arm64' } } },
    ])
    // The result is a base in turn.
    const next = space.folder('next', { Dockerfile: 'FROM based:1\nCOPY Dockerfile /next\n' })
    await run(['build', '--platform=linux/arm64', '-o', space.path('next-files'), next])
    expect(existsSync(space.path('next-files/of-arm64'))).toBe(true)
    const missing = await space.run(['build', '--platform=linux/arm64,linux/s390x', next])
    expect(missing.stderr).toContain('error[E_PLATFORM]: the image is not available for linux/s390x')
  })
})

describe('outputs of files', () => {
  it('have a directory for each platform', async () => {
    const env = { SOURCE_DATE_EPOCH: '1600000000' }
    const [files, tar] = [space.path('files'), space.path('files.tar')]
    await run(['build', ...TWO, '-o', files, '-o', `type=tar,dest=${tar}`, context], env)
    expect(readdirSync(files).sort()).toEqual(['linux_amd64', 'linux_arm_v7'])
    expect(readFileSync(join(files, 'linux_arm_v7/app/app'), 'utf8')).toBe('of arm\n')
    expect(statSync(join(files, 'linux_amd64')).mtimeMs).toBe(1_600_000_000_000)
    expect(statSync(join(files, 'linux_amd64')).mode & 0o777).toBe(0o755)
    const listing = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' })
    expect(listing.split('\n').filter((name) => name.endsWith('app/app'))).toEqual([
      'linux_amd64/app/app',
      'linux_arm_v7/app/app',
    ])
  })

  it('are one directory when asked for, and two files of one name are an error', async () => {
    const dockerfile = 'FROM scratch\nARG TARGETARCH\nCOPY tool /d/tool-$TARGETARCH\n'
    const folder = space.folder('merge', { Dockerfile: dockerfile, tool: 'x' })
    const out = space.path('merged')
    await run(['build', ...TWO, '-o', `type=local,dest=${out},platform-split=false`, folder])
    expect(readdirSync(join(out, 'd')).sort()).toEqual(['tool-amd64', 'tool-arm'])
    const clash = await space.run([
      'build',
      ...TWO,
      '-o',
      `type=tar,dest=x.tar,platform-split=false`,
      context,
    ])
    expect(clash.stderr).toContain(
      'error[E_OUTPUT_SPLIT]: cannot overwrite bin/tool from linux/amd64 with linux/arm/v7 when split option is disabled',
    )
    await run([
      'build',
      '--platform=linux/amd64',
      '-o',
      `type=local,dest=${out}-1,platform-split=true`,
      context,
    ])
    expect(readdirSync(`${out}-1`)).toEqual(['linux_amd64'])
  })

  it('are the only files of a directory with mode=delete, links of which are not followed', async () => {
    const out = space.folder('delete', { 'old/file': 'x', app: 'was a file', 'bin/tool/was': 'a directory' })
    const outside = space.folder('outside', { kept: 'x' })
    symlinkSync(outside, join(out, 'link'))
    await run(['build', '--platform=linux/amd64', '-o', `type=local,dest=${out},mode=delete`, context])
    expect(readdirSync(out).sort()).toEqual(['app', 'bin'])
    expect(readFileSync(join(out, 'bin/tool'), 'utf8')).toBe('tool\n')
    expect(readdirSync(outside)).toEqual(['kept'])
  })

  it('are alone in a directory outside of the working directory only where that is allowed', async () => {
    const out = space.folder('elsewhere/out', { old: 'x' })
    const cwd = space.folder('elsewhere/here', {})
    symlinkSync('..', join(cwd, 'up'))
    const args = (dest: string) => ['build', '-o', `type=local,dest=${dest},mode=delete`, context]
    for (const dest of ['.', '..', '../out', out, 'up/out', 'up/new']) {
      const { code, stderr } = await space.run(args(dest), { cwd })
      expect([code, stderr], dest).toEqual([1, expect.stringContaining('--allow=buildx.local.delete')])
    }
    expect(readdirSync(out)).toEqual(['old'])
    const { code } = await space.run([...args(out), '--allow', 'buildx.local.delete'], { cwd })
    expect([code, readdirSync(out).includes('old')]).toEqual([0, false])
  })
})

describe('what cannot be is refused before any work', () => {
  it.each([
    [
      [...TWO, '-o', 'type=docker,dest=x.tar'],
      'docker exporter does not currently support exporting manifest lists',
    ],
    [
      ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1', '-o', 'type=docker,dest=x.tar'],
      'docker exporter does not currently support exporting manifest lists',
    ],
    [
      ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=0', ...TWO],
      'returning multiple target platforms is not allowed',
    ],
    [['--platform', 'linux/amd64,'], 'not a platform: ""'],
    [['--annotation', 'index:a=b'], 'index annotations not supported for single platform export'],
    [
      [...TWO, '--annotation', 'manifest[linux/s390x]:a=b'],
      'invalid annotation: no platform linux/s390x found in source',
    ],
  ])('%j', async (args, message) => {
    const { code, stderr } = await space.run(['build', '-f', '-', ...args, context], {
      stdin: 'FROM scratch\nCOPY tool /\n',
    })
    expect(code).not.toBe(0)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('COPY')
  })
})

const skopeo = hostTool('skopeo')
const podman = hostTool('podman')
const umoci = hostTool('umoci')

describe('other tools read the index', () => {
  const archive = space.path('judged.tar')
  const layout = space.path('judged')
  const made = (async () => {
    const outputs = ['-o', `type=oci,dest=${archive}`, '-o', `type=oci,tar=false,dest=${layout}`]
    await space.run(['build', ...TWO, '-t', 'judged:1', ...outputs, context])
  })()

  it.skipIf(skopeo === undefined)('skopeo copies all of it, and shows each image', async () => {
    await made
    const raw = JSON.parse(skopeo!(['inspect', '--raw', `oci-archive:${archive}`])) as Index
    expect(raw.manifests).toHaveLength(2)
    const copy = space.path('skopeo')
    skopeo!(['copy', '--all', '--insecure-policy', `oci:${layout}:1`, `dir:${copy}`])
    for (const { digest } of raw.manifests) {
      expect(existsSync(join(copy, `${digest.slice('sha256:'.length)}.manifest.json`))).toBe(true)
    }
    const arm = ['--override-arch', 'arm', '--override-variant', 'v7']
    const config = JSON.parse(skopeo!([...arm, 'inspect', '--config', `oci:${layout}:1`]))
    expect(config).toMatchObject({ architecture: 'arm', config: { Labels: { 'built.for': 'linux/arm/v7' } } })
  })

  it.skipIf(podman === undefined)('podman loads the image for its machine', async () => {
    await made
    const at = podmanApart(space.path('.'))
    podman!([...at, 'load', '-i', archive])
    const [image] = JSON.parse(podman!([...at, 'image', 'inspect', 'judged:1'])) as { Os: string }[]
    expect(image!.Os).toBe('linux')
  })

  it.skipIf(umoci === undefined || skopeo === undefined)('umoci unpacks each image of it', async () => {
    await made
    for (const [arch, variant, content] of [
      ['amd64', '', 'of amd64\n'],
      ['arm', 'v7', 'of arm\n'],
    ] as const) {
      const single = space.path(`single-${arch}`)
      const chosen = ['--override-arch', arch, ...(variant === '' ? [] : ['--override-variant', variant])]
      skopeo!([...chosen, 'copy', '--insecure-policy', `oci:${layout}:1`, `oci:${single}:1`])
      const bundle = space.path(`bundle-${arch}`)
      umoci!(['unpack', '--image', `${single}:1`, bundle])
      expect(readFileSync(join(bundle, 'rootfs/app/app'), 'utf8')).toBe(content)
    }
  })
})

describe('the store', () => {
  it('shows, saves and loads an image for several platforms', async () => {
    await run([
      'build',
      ...TWO,
      '-t',
      'stored:1',
      '--iidfile',
      space.path('iid'),
      '--metadata-file',
      space.path('metadata'),
      context,
    ])
    const id = readFileSync(space.path('iid'), 'utf8')
    const metadata = JSON.parse(readFileSync(space.path('metadata'), 'utf8'))
    expect(metadata).toMatchObject({
      'containerimage.digest': id,
      'image.name': 'docker.io/library/stored:1',
    })
    expect(metadata).not.toHaveProperty(['containerimage.config.digest'])
    expect((await run(['images', '--no-trunc', '-q', 'stored'])).stdout).toBe(`${id}\n`)
    const [image] = JSON.parse((await run(['inspect', id])).stdout)
    expect(image).toMatchObject({
      Id: id,
      RepoTags: expect.arrayContaining(['stored:1']),
      Descriptor: { mediaType: MediaType.ociIndex, digest: id },
      Manifests: [
        { Kind: 'image', Available: true, ImageData: { Platform: { architecture: 'amd64' } } },
        { Kind: 'image', Available: true, ImageData: { Platform: { architecture: 'arm', variant: 'v7' } } },
      ],
    })
    const history = await run(['history', '--no-trunc', '--platform', 'linux/arm/v7', 'stored:1'])
    expect(history.stdout).toContain('COPY for/linux/arm/v7 /app # buildkit')
    const [all, one] = [space.path('all.tar'), space.path('one.tar')]
    await run(['save', '--type', 'oci', '-o', all, 'stored:1'])
    await run(['save', '--type', 'docker', '-o', one, '--platform', 'linux/arm/v7', 'stored:1'])
    const other = { COOPERAGE_STORE: space.path('other-store') }
    await run(['load', '-i', all], other)
    expect((await run(['images', '--no-trunc', '-q'], other)).stdout).toBe(`${id}\n`)
    await run(['load', '-i', one], other)
    const [loaded] = JSON.parse((await run(['inspect', 'stored:1'], other)).stdout)
    expect(loaded).toMatchObject({ Architecture: 'arm', Variant: 'v7' })
    expect(loaded).not.toHaveProperty('Manifests')
    const absent = await space.run(['history', '--platform', 'linux/s390x', 'stored:1'])
    expect(absent.stderr).toContain('there is linux/amd64, linux/arm/v7')
  })
})
