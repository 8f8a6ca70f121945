import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Descriptor, MediaType, openStore, parseDigest } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { type DistributionRegistry, distributionRegistry } from './distribution-registry.js'
import { hasTool } from './rival-tools.js'
import { tarOf } from './tar-of.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('registry-push')

describe.skipIf(!hasTool('docker-registry'))('what a name stands for is pushed', () => {
  let registry: DistributionRegistry
  beforeAll(async () => {
    registry = await distributionRegistry()
  })

  const url = (path: string) => `http://${registry.host}/v2/${path}`

  async function blob(repository: string, mediaType: string, content: Uint8Array | object) {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const begun = await fetch(url(`${repository}/blobs/uploads/`), { method: 'POST' })
    const place = new URL(begun.headers.get('location')!, url(''))
    place.searchParams.set('digest', digest)
    const headers = { 'content-type': 'application/octet-stream' }
    const put = await fetch(place, { method: 'PUT', headers, body: Buffer.from(bytes) })
    expect(put.status).toBe(201)
    return { mediaType, digest, size: bytes.length }
  }

  async function document(name: string, mediaType: string, json: object): Promise<Descriptor> {
    const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...json }))
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
    const [repository, tag = digest] = name.split(' ')
    const headers = { 'content-type': mediaType }
    const put = await fetch(url(`${repository}/manifests/${tag}`), { method: 'PUT', headers, body })
    expect([put.status, put.status === 201 || (await put.text())]).toEqual([201, true])
    return { mediaType, digest, size: body.length }
  }

  /** An image of one file. `name` is a repository and, behind a space, a tag. */
  async function image(name: string, architecture: string, form: string = MediaType.ociLayerGzip) {
    const [repository = ''] = name.split(' ')
    const tar = tarOf([{ name: architecture, content: architecture.repeat(1000) }])
    const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`
    const layer = await blob(repository, form, form === MediaType.ociLayer ? tar : gzipSync(tar))
    const rootfs = { type: 'layers', diff_ids: [diffId] }
    const config = await blob(repository, MediaType.ociConfig, { architecture, os: 'linux', rootfs })
    const manifest = await document(name, MediaType.ociManifest, { config, layers: [layer] })
    return { ...manifest, platform: { os: 'linux', architecture } }
  }

  /** Whoever has a store of their own. */
  function user(name: string) {
    const home = space.folder(name, {})
    const run = (...args: string[]) => space.run(args, { env: { HOME: home } })
    return { home, run, path: (one: string) => `${registry.host}/${one}` }
  }

  async function has(name: string): Promise<string | null> {
    const [repository, tag] = name.split(':')
    const headers = { accept: `${MediaType.ociManifest}, ${MediaType.ociIndex}` }
    return (await fetch(url(`${repository}/manifests/${tag}`), { headers })).headers.get(
      'docker-content-digest',
    )
  }

  it('when it is no image: under another name, into a layout and an archive, and away', async () => {
    const chart = await document('chart 1', MediaType.ociManifest, {
      config: await blob('chart', 'application/vnd.cncf.helm.config.v1+json', { name: 'chart' }),
      layers: [await blob('chart', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', Buffer.from('c'))],
    })
    const { run, path, home } = user('chart')
    expect((await run('pull', '-q', path('chart:1'))).code).toBe(0)
    for (const line of [
      ['tag', path('chart:1'), path('other:2')],
      ['push', path('other:2')],
      ['copy', `store:${path('chart:1')}`, `oci:${join(home, 'layout')}:1`],
      ['save', '--type=oci', '-o', join(home, 'chart.tar'), path('chart:1')],
      ['rmi', path('chart:1')],
      ['rmi', chart.digest.slice(7, 19)],
    ]) {
      const done = await run(...line)
      expect([line[0], done.code, done.stderr.includes('E_')]).toEqual([line[0], 0, false])
    }
    expect(await has('other:2')).toBe(chart.digest)
    expect((await run('images', '-q')).stdout).toBe('')
    const inspected = await run('inspect', path('chart:1'))
    expect(inspected.stderr).toContain('E_IMAGE_NOT_FOUND')
  })

  it('and an image whose config is gone can be removed', async () => {
    await image('gone 1', 'amd64')
    const { run, path, home } = user('gone')
    await run('pull', '-q', path('gone:1'))
    {
      await using store = await openStore({ path: storeOf(home) })
      const [entry] = await store.refs.list()
      const manifest = JSON.parse(
        Buffer.from(
          await store.blobs.readAll(parseDigest(entry!.value.descriptor.digest), 1 << 20),
        ).toString(),
      )
      await store.blobs.remove(parseDigest(manifest.config.digest))
    }
    const shown = await run('inspect', path('gone:1'))
    expect([shown.code, shown.stderr]).toEqual([
      expect.any(Number),
      expect.stringContaining('E_BLOB_MISSING'),
    ])
    expect((await run('rmi', path('gone:1'))).stdout).toBe(`Untagged: ${path('gone:1')}\n`)
  })

  it('as it was pulled, unless another form is asked for', async () => {
    const plain = await image('plain 1', 'amd64', MediaType.ociLayer)
    const { run, path } = user('plain')
    await run('pull', '-q', path('plain:1'))
    expect((await run('push', path('plain:1'), path('plain:2'))).code).toBe(0)
    expect(await has('plain:2')).toBe(plain.digest)
    await run('tag', path('plain:1'), path('plain:3'))
    expect((await run('push', path('plain:3'))).code).toBe(0)
    expect(await has('plain:3')).toBe(plain.digest)
    expect((await run('push', '--compression=gzip', path('plain:1'), path('plain:4'))).code).toBe(0)
    expect(await has('plain:4')).not.toBe(plain.digest)
  })

  it('of an index whatever is whole: the index, or its one image', async () => {
    const images = [await image('many', 'amd64'), await image('many', 'arm64')]
    const [amd64] = images
    const inner = await document('many', MediaType.ociIndex, { manifests: images })
    const nested = await document('many nested', MediaType.ociIndex, { manifests: [inner] })
    const twice = await document('many twice', MediaType.ociIndex, { manifests: [amd64, ...images, amd64] })
    const { run, path } = user('many')
    for (const tag of ['nested', 'twice']) {
      await run('pull', '-q', '--platform=linux/amd64', path(`many:${tag}`))
      const alone = await run('push', path(`many:${tag}`), path(`alone:${tag}`))
      expect([alone.code, alone.stderr]).toEqual([
        0,
        expect.stringContaining('of the 2 images of the index only this one is here'),
      ])
      expect(await has(`alone:${tag}`)).toBe(amd64!.digest)
    }
    // Another platform is built on: its documents come, its layers stay where they are.
    const context = space.folder('on-arm', { Dockerfile: `FROM ${path('many:nested')}\n` })
    const built = await run('build', '--platform=linux/arm64', '--push', '-t', path('built:1'), context)
    expect(built.code, built.stderr).toBe(0)
    const still = await run('push', path('many:nested'), path('still:1'))
    expect([still.code, await has('still:1')]).toEqual([0, amd64!.digest])
    await run('pull', '-q', '--all-platforms', path('many:nested'))
    await run('pull', '-q', '--all-platforms', path('many:twice'))
    expect((await run('push', path('many:nested'), path('whole:1'))).code).toBe(0)
    expect((await run('push', path('many:twice'), path('whole:2'))).code).toBe(0)
    expect([await has('whole:1'), await has('whole:2')]).toEqual([nested.digest, twice.digest])
  })

  it('for a platform only when it is for that one', async () => {
    const one = await image('single 1', 'amd64')
    const { run, path } = user('single')
    await run('pull', '-q', path('single:1'))
    const other = await run('push', '--platform=linux/s390x', path('single:1'), path('s390x:1'))
    expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/E_PLATFORM.*linux\/amd64/)])
    expect((await run('push', '--platform=linux/amd64', path('single:1'), path('amd64:1'))).code).toBe(0)
    expect(await has('amd64:1')).toBe(one.digest)
  })
})
