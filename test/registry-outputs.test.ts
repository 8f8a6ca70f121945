import { readFileSync } from 'node:fs'
import { digestOf as digestOfBytes, openStore, parseConfig, parseManifest } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from './authority.js'
import { type DistributionRegistry, distributionRegistry } from './distribution-registry.js'
import { door } from './registry-door.js'
import { hasTool, rivalDocker } from './rival-tools.js'
import { seedRegistry, skopeo } from './seed-registry.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('outputs')
const isReady = hasTool('docker-registry') && hasTool('skopeo')
const docker = rivalDocker()

describe.skipIf(!isReady)('a build that pushes', () => {
  let registry: DistributionRegistry
  beforeAll(async () => {
    registry = await distributionRegistry()
    await seedRegistry(`${registry.host}/team/base:1`, ['--dest-tls-verify=false'])
  })

  let count = 0
  function builder(dockerfile: string, files: Readonly<Record<string, string>> = { f: 'content' }) {
    const name = `user-${count++}`
    const home = space.folder(name, {})
    const context = space.folder(`${name}/context`, { ...files, Dockerfile: dockerfile })
    const run = (args: readonly string[]) => space.run(args, { env: { HOME: home } })
    return { home, run, build: (args: readonly string[]) => run(['build', ...args, context]) }
  }

  const insecure = '--tls-verify=false'
  const raw = (name: string) => JSON.parse(skopeo(['inspect', '--raw', insecure, `docker://${name}`]))
  const digestOf = (name: string) => JSON.parse(skopeo(['inspect', insecure, `docker://${name}`])).Digest
  const OURS = 'FROM scratch\nCOPY f /f\n'

  it('sends every tag, and says what the registry has in the metadata file', async () => {
    const { build, run, home } = builder(OURS)
    const name = `${registry.host}/tags/app`
    const file = `${home}/metadata.json`
    const done = await build(['-t', `${name}:1`, '-t', `${name}:2`, '--push', '--metadata-file', file])
    expect(done.code, done.stderr).toBe(0)
    const digest = digestOf(`${name}:1`)
    expect(digestOf(`${name}:2`)).toBe(digest)
    const metadata = JSON.parse(readFileSync(file, 'utf8'))
    expect(metadata).toMatchObject({
      'containerimage.digest': digest,
      'containerimage.descriptor': { digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      'containerimage.config.digest': raw(`${name}:1`).config.digest,
      'image.name': `${name}:1,${name}:2`,
    })
    expect(done.stderr).toContain(`pushed ${name}:2 as ${digest}`)
    expect(raw(`${name}:1`).layers[0].mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip')
    // What only goes to a registry is named there.
    expect((await run(['images', '-q'])).stdout).toBe('')
    if (docker === undefined) return
    docker(['pull', `${name}:1`])
    try {
      const id = docker(['image', 'inspect', '--format', '{{.Id}}', `${name}:1`]).trim()
      expect(id).toBe(metadata['containerimage.config.digest'])
    } finally {
      docker(['rmi', `${name}:1`])
    }
  })

  it('has base layers mounted, and fetches none of them', async () => {
    const way = await door(registry)
    const { build } = builder(`FROM ${way.host}/team/base:1\nCOPY --link f /f\nENV A=b\n`)
    const done = await build(['-t', `${way.host}/other/app:1`, '-o', 'type=registry'])
    expect(done.code, done.stderr).toBe(0)
    const layers = parseManifest(Buffer.from(JSON.stringify(raw(`${registry.host}/other/app:1`)))).layers
    const base = layers.slice(0, 2)
    const own = layers[2]!
    for (const { digest } of base) {
      expect(way.asked).toContain(
        `POST /v2/other/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=team%2Fbase`,
      )
    }
    const read = way.asked.filter((line) =>
      base.some(({ digest }) => line.startsWith('GET ') && line.includes(digest)),
    )
    expect(read).toEqual([])
    expect(way.asked.filter((line) => line.startsWith('PUT ')).join('\n')).toContain(
      encodeURIComponent(own.digest),
    )
    expect(done.stderr).toContain('mounted')
  })

  it('brings base layers to a registry that cannot take them from another', async () => {
    const other = await distributionRegistry()
    const { build } = builder(`FROM ${registry.host}/team/base:1\nCOPY f /f\n`)
    const done = await build(['-t', `${other.host}/far/app:1`, '--push'])
    expect(done.code, done.stderr).toBe(0)
    expect(raw(`${other.host}/far/app:1`).layers).toHaveLength(3)
  })

  it('may push without a tag, and to several repositories', async () => {
    const { build, home } = builder(OURS)
    const names = `${registry.host}/bare/one,${registry.host}/bare/two`
    const file = `${home}/metadata.json`
    const output = `type=image,"name=${names}",push-by-digest=true,push=true`
    const done = await build(['-o', output, '--metadata-file', file])
    expect(done.code, done.stderr).toBe(0)
    const metadata = JSON.parse(readFileSync(file, 'utf8'))
    expect(metadata['image.name']).toBe(names)
    for (const name of names.split(',')) {
      const bytes = skopeo([
        'inspect',
        '--raw',
        insecure,
        `docker://${name}@${metadata['containerimage.digest']}`,
      ])
      expect(digestOfBytes(bytes)).toBe(metadata['containerimage.digest'])
      const tags = JSON.parse(skopeoOrNone(['list-tags', insecure, `docker://${name}`]) ?? '{"Tags":[]}')
      expect(tags.Tags).toEqual([])
    }
  })

  it('keeps the image in the store where it is asked to, also under its digest', async () => {
    const { build, run, home } = builder(OURS)
    const name = `${registry.host}/kept/app:1`
    const both = await build(['-o', `type=image,name=${name},push=true,store=true,name-canonical=true`])
    expect(both.code, both.stderr).toBe(0)
    const inspected = JSON.parse((await run(['inspect', name])).stdout)[0]
    expect(inspected.Descriptor.digest).toBe(digestOf(name))
    expect(inspected.RepoDigests).toEqual([`${registry.host}/kept/app@${digestOf(name)}`])
    await using store = await openStore({ path: storeOf(home) })
    const names = (await store.refs.list()).map((ref) => ref.name)
    expect(names).toEqual([name, `${registry.host}/kept/app@${digestOf(name)}`])
    const only = await build(['-t', 'local:1', '-o', 'type=image,compression=gzip'])
    expect([only.code, (await run(['images', '--format', 'json', 'local'])).stdout]).toEqual([
      0,
      expect.stringContaining('"Tag":"1"'),
    ])
  })

  it('has the form that is asked for', async () => {
    const { build } = builder(`FROM ${registry.host}/team/base:1\nCOPY f /f\n`)
    const types = async (name: string, options: string) => {
      const done = await build(['-o', `type=registry,name=${registry.host}/form/${name}:1,${options}`])
      expect(done.code, done.stderr).toBe(0)
      const manifest = raw(`${registry.host}/form/${name}:1`)
      return [manifest.mediaType, ...manifest.layers.map((layer: { mediaType: string }) => layer.mediaType)]
    }
    const oci = 'application/vnd.oci.image'
    expect(await types('plain', 'compression=uncompressed')).toEqual([
      `${oci}.manifest.v1+json`,
      `${oci}.layer.v1.tar+gzip`,
      `${oci}.layer.v1.tar+gzip`,
      `${oci}.layer.v1.tar`,
    ])
    expect(await types('forced', 'compression=uncompressed,force-compression=true')).toEqual([
      `${oci}.manifest.v1+json`,
      ...Array(3).fill(`${oci}.layer.v1.tar`),
    ])
    expect(await types('docker', 'oci-mediatypes=false,annotation.a=b')).toEqual([
      'application/vnd.docker.distribution.manifest.v2+json',
      ...Array(3).fill('application/vnd.docker.image.rootfs.diff.tar.gzip'),
    ])
  })

  it('sends an index for several platforms', async () => {
    const { build } = builder(`FROM ${registry.host}/team/base:1\nCOPY f /f\n`)
    const name = `${registry.host}/multi/app:1`
    const done = await build(['-t', name, '--platform', 'linux/amd64,linux/arm64', '--push'])
    expect(done.code, done.stderr).toBe(0)
    const index = raw(name)
    expect(index.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ])
    const config = skopeo(['inspect', '--config', '--override-arch', 'arm64', insecure, `docker://${name}`])
    expect(parseConfig(Buffer.from(config)).architecture).toBe('arm64')
  })

  it('pushes to a server whose certificate nobody knows where the output says so', async () => {
    if (!hasTool('openssl')) return
    const own = makeAuthority(space.path('tls')).issue('server')
    const secure = await distributionRegistry({ tls: own })
    const { build } = builder(OURS)
    const distrusted = await build(['-o', `type=registry,name=${secure.host}/a:1`])
    expect([distrusted.code, distrusted.stderr]).toEqual([3, expect.stringContaining('E_TLS')])
    const done = await build(['-o', `type=registry,name=${secure.host}/a:1,registry.insecure=true`])
    expect(done.code, done.stderr).toBe(0)
    expect(raw(`${secure.host}/a:1`).layers).toHaveLength(1)
  })

  it('is refused before any work when it cannot end well', async () => {
    const { build } = builder('FROM not-asked-for.invalid/x\n')
    const code = async (args: readonly string[]) => {
      const { code, stderr } = await build(args)
      return `${code} ${/error\[(\w+)\]: (.*)/.exec(stderr)?.slice(1).join(' ')}`
    }
    expect(await code(['--push'])).toBe('1 E_OUTPUT tag is needed when pushing to registry')
    expect(await code(['-o', 'type=image'])).toBe('1 E_OUTPUT an image in the store needs a name')
    expect(await code(['-o', 'type=registry,push-by-digest=true,name=r.io/a:1'])).toBe(
      "1 E_OUTPUT can't push tagged ref r.io/a:1 by digest",
    )
    expect(await code(['-o', 'type=image,unpack=true,name=a'])).toMatch(/1 E_OUTPUT .*not unpacked/)
    expect(await code(['-o', 'type=registry,name=A'])).toMatch(/1 E_REF/)
    expect(await code(['-o', 'type=registry,name=a,compression=estargz'])).toMatch(/1 E_OUTPUT/)
  })
})

function skopeoOrNone(args: readonly string[]): string | undefined {
  try {
    return skopeo(args)
  } catch {
    // A repository without tags is unknown to it.
    return undefined
  }
}
