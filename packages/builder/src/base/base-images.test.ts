import { digestOf, MediaType, openStore, type Store } from '@cooperage/store'
import { createRegistryClient } from '@cooperage/store/registry'
import { addIndex, type LoopbackRegistry, startLoopbackRegistry } from '@cooperage/store/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { tarOf } from '../../../../test/tar-of.js'
import { type BuildEvent, type BuildOptions, build, memory } from '../index.js'

let registry: LoopbackRegistry
beforeEach(async () => {
  registry = await startLoopbackRegistry()
})
afterEach(() => registry[Symbol.asyncDispose]())

/** Puts an image with these layers of one file each into the repository `base`. */
function put(files: readonly string[], tag?: string, architecture = 'amd64') {
  const { storage } = registry
  const layers = files.map((name) => tarOf([{ name, content: name }]))
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) }
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture, config: {}, rootfs }))
  const described = (bytes: Buffer, mediaType: string) => ({
    mediaType,
    digest: storage.addBlob('base', bytes),
    size: bytes.length,
  })
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: described(config, MediaType.ociConfig),
    layers: layers.map((layer) => described(layer, MediaType.ociLayer)),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const digest = storage.addManifest('base', { bytes, mediaType: MediaType.ociManifest }, tag)
  const platform = { os: 'linux', architecture }
  return { descriptor: { mediaType: MediaType.ociManifest, digest, size: bytes.length, platform }, layers }
}

async function run(store: Store, dockerfile: string, options: Partial<BuildOptions> = {}) {
  await using client = createRegistryClient({ tries: 1 })
  const events: BuildEvent[] = []
  await using running = build({
    store,
    context: memory({ Dockerfile: dockerfile.replaceAll('HOST', registry.host), f: 'f' }),
    platform: 'linux/amd64',
    registry: { client },
    ...options,
  })
  for await (const event of running) events.push(event)
  const result = await running
  const warned = events.flatMap((event) => (event.type === 'warning' ? [event.rule] : []))
  return { ...result, events, warned }
}

const asked = (method: string, what: RegExp) =>
  registry.requests.filter((request) => request.method === method && what.test(request.url)).length

describe('a base image of a registry', () => {
  it('is the same in all stages, though its tag moves meanwhile', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const first = [put(['a']), put(['a'], undefined, 'arm64')].map(({ descriptor }) => descriptor)
    addIndex(registry.storage, 'base', { manifests: first, tag: '1' })
    registry.fault = ({ method, url }) => {
      // As soon as the first question is asked, and before it is answered twice.
      if (method === 'GET' && url.includes('/manifests/')) {
        const later = [put(['evil']), put(['evil'], undefined, 'arm64')].map(({ descriptor }) => descriptor)
        addIndex(registry.storage, 'base', { manifests: later, tag: '1' })
      }
      return undefined
    }
    const text = 'FROM --platform=linux/arm64 HOST/base:1 AS a\nFROM HOST/base:1\nCOPY --from=a /a /b\n'
    const { config } = await run(store, text)
    expect(config.rootfs.diff_ids[0]).toBe(digestOf(tarOf([{ name: 'a', content: 'a' }])))
    expect(asked('HEAD', /manifests\/1$/)).toBe(1)
  })

  it('has its layers fetched side by side, when the first is needed', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    put(names, '1')
    let open = 0
    let most = 0
    registry.fault = ({ method, url }) => {
      if (method === 'GET' && url.includes('/blobs/')) {
        most = Math.max(most, ++open)
        setTimeout(() => open--, 50)
      }
      return undefined
    }
    await run(store, 'FROM HOST/base:1\nENV A=1\n', { outputs: [{ kind: 'cacheonly', destination: '' }] })
    expect(asked('GET', /blobs/)).toBe(1)
    const { events } = await run(store, 'FROM HOST/base:1\nCOPY f /f\n')
    expect(asked('GET', /blobs/)).toBe(1 + names.length)
    expect(most).toBeGreaterThan(1)
    const title = events.find((event) => event.type === 'step.start' && event.name.startsWith('FROM '))
    expect(title).toMatchObject({ name: expect.stringMatching(/base:1@sha256:/) })
  })

  it.each([
    ['cannot be reached', { status: 503 }],
    ['has had enough', { status: 429 }],
    ['denies', { status: 403 }],
    ['has lost it', { status: 404 }],
    ['has become a web page', { headers: { 'content-type': 'text/html' } }],
  ])('is the one of the store, with a warning, when the registry %s', async (_what, fault) => {
    await using store = await openStore({ path: await storeDirectory() })
    put(['a'], '1')
    await run(store, 'FROM HOST/base:1\nCOPY f /f\n')
    registry.fault = () => fault
    const again = await run(store, 'FROM HOST/base:1\nCOPY f /f\n')
    expect(again.warned).toEqual(['BaseImageNotChecked'])
    await expect(run(store, 'FROM HOST/base:1\n', { pull: 'always' })).rejects.toMatchObject({
      category: 'network',
      location: { file: 'Dockerfile', line: 1 },
    })
    registry.fault = undefined
    expect((await run(store, 'FROM HOST/base:1\n')).warned).toEqual([])
  })

  it('that nobody has is told with the line that names it', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    await expect(run(store, 'FROM scratch\nCOPY --from=HOST/none /a /\n')).rejects.toMatchObject({
      code: 'E_REG_NOT_FOUND',
      location: { line: 2 },
    })
    const alone = { registry: undefined } as unknown as Partial<BuildOptions>
    await expect(run(store, 'FROM HOST/none\n', alone)).rejects.toMatchObject({
      code: 'E_IMAGE_NOT_FOUND',
      hint: expect.stringContaining('cooper load'),
    })
    await expect(run(store, 'FROM HOST/none\n', { pull: 'never' })).rejects.toMatchObject({
      code: 'E_IMAGE_NOT_FOUND',
      hint: expect.stringContaining('cooper pull'),
    })
  })

  it('of which a layer is not what it should be fails at the step that needs it', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { layers } = put(['a', 'b'], '1')
    registry.storage.blobs.set(digestOf(layers[1]!), Buffer.alloc(layers[1]!.length, 1))
    await expect(run(store, 'FROM HOST/base:1\nCOPY f /f\n')).rejects.toMatchObject({
      code: 'E_DIGEST_MISMATCH',
      location: { line: 2 },
    })
  })

  it('has the name that an alias leads to, unless the name is one of this machine', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    put(['a'], '1')
    await using client = createRegistryClient({ tries: 1 })
    const aliases = new Map([['mine', `${registry.host}/base`]])
    const aliased = { registry: async () => ({ client, aliases }) }
    const { config } = await run(store, 'FROM mine:1\n', aliased)
    expect(config.rootfs.diff_ids).toHaveLength(1)
    await run(store, 'FROM scratch\nCOPY f /1\nCOPY f /2\n', { tags: ['mine:1'] })
    registry.requests.length = 0
    expect((await run(store, 'FROM mine:1\n', aliased)).config.rootfs.diff_ids).toHaveLength(2)
    expect(registry.requests).toEqual([])
  })
})
