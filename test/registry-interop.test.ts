import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type BlobStore,
  type Descriptor,
  digestOf,
  MediaType,
  MemoryBlobStore,
  parseDigest,
  parseIndex,
  parseManifest,
  parseReference,
  REF_NAME,
  readImageGraph,
  writeOciLayout,
} from '@cooperage/store'
import {
  createRegistryClient,
  plainEndpoints,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryEvent,
  storeContent,
} from '@cooperage/store/registry'
import { patternBytes, startLoopbackRegistry } from '@cooperage/store/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, makeAuthority } from './authority.js'
import { cuttingProxy } from './cutting-proxy.js'
import { type DistributionOptions, distributionRegistry } from './distribution-registry.js'
import { podmanApart } from './podman-apart.js'
import { hasTool, hostTool, rivalDocker } from './rival-tools.js'
import { sampleImage, sampleIndex } from './sample-image.js'
import { tokenServer } from './token-server.js'
import { workspace } from './workspace.js'

const space = workspace('registry-interop')
const run = promisify(execFile)

/** `htpasswd -Bbn me secret`. */
const USER = 'me:$2y$05$/zAYYBszILIAx7CI2pFv6.Y1oxiOYKQ52mtoWInX5HDfP7pK8jsK.'

const tools = ['docker-registry', 'skopeo', 'openssl'].every(hasTool)
const podman = hostTool('podman') !== undefined
const docker = rivalDocker()

/** What is pushed and pulled: of every kind one. */
interface Sample {
  readonly kind: string
  readonly root: Descriptor
}

async function samples(store: BlobStore): Promise<Sample[]> {
  const gzip = await sampleImage(store, { gzip: true })
  const arm = await sampleImage(store, { gzip: true, architecture: 'arm64' })
  const plain = await sampleImage(store)
  const index = await sampleIndex(store, [gzip.descriptor, arm.descriptor])
  const docker = await asDocker(store, gzip.descriptor)
  const dockerArm = await asDocker(store, arm.descriptor)
  const manifests = [docker, dockerArm]
  const mediaType = MediaType.dockerManifestList
  const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }, undefined, 3))
  return [
    { kind: 'an image of gzip', root: gzip.descriptor },
    { kind: 'an image without compression', root: plain.descriptor },
    { kind: 'an index', root: index },
    { kind: 'an image of Docker', root: docker },
    { kind: 'a list of Docker', root: { mediaType, ...(await store.put(list)) } },
  ]
}

/** The same image with Docker's types, written the way Docker does. */
async function asDocker(store: BlobStore, descriptor: Descriptor): Promise<Descriptor> {
  const bytes = await store.readAll(parseDigest(descriptor.digest), 1 << 20)
  const { config, layers } = parseManifest(bytes)
  const mediaType = MediaType.dockerManifest
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { ...config, mediaType: MediaType.dockerConfig },
    layers: layers.map((layer) => ({ ...layer, mediaType: MediaType.dockerLayerGzip })),
  }
  const { platform } = descriptor
  const put = await store.put(Buffer.from(JSON.stringify(manifest, undefined, 3)))
  return { mediaType, ...put, ...(platform && { platform }) }
}

/** Puts all that hangs below a root into an OCI layout for skopeo. */
async function layoutOf(store: BlobStore, root: Descriptor, name: string): Promise<string> {
  const directory = space.path(name)
  mkdirSync(directory, { recursive: true })
  await writeOciLayout([{ descriptor: { ...root, annotations: { [REF_NAME]: 'x' } }, names: [] }], {
    directory,
    store,
  })
  // Names are ours alone to give here; skopeo looks for one.
  const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'))
  for (const manifest of index.manifests) manifest.annotations = { [REF_NAME]: 'x' }
  writeFileSync(join(directory, 'index.json'), JSON.stringify(index))
  return `oci:${directory}:x`
}

async function expectWhole(store: BlobStore, root: Descriptor): Promise<void> {
  const graph = await readImageGraph(root, { store })
  expect(graph.missing).toEqual([])
  for (const [digest, size] of graph.blobs) {
    let length = 0
    for await (const chunk of store.read(digest, { size })) length += chunk.length
    expect(length).toBe(size)
  }
}

interface Setting {
  readonly options: DistributionOptions
  readonly client: RegistryClientOptions
  /** Of skopeo, with `--src` or `--dest` before it. */
  readonly flags: readonly string[]
}

const CREDENTIALS = async () => ({ kind: 'password', username: 'me', password: 'secret' }) as const

describe.skipIf(!tools)('docker-registry and skopeo', () => {
  let authority: Authority
  const store = new MemoryBlobStore()
  let all: Sample[] = []
  beforeAll(async () => {
    authority = makeAuthority(space.path('authority'))
    all = await samples(store)
  })

  async function settingOf(mode: string): Promise<Setting> {
    if (mode === 'plain') return { options: {}, client: {}, flags: ['tls-verify=false'] }
    const creds = ['creds=me:secret']
    if (mode === 'htpasswd') {
      return {
        options: { htpasswd: USER },
        client: { credentials: CREDENTIALS },
        flags: ['tls-verify=false', ...creds],
      }
    }
    if (mode === 'TLS') {
      const tls = authority.issue('registry')
      const plain = plainEndpoints()
      const endpoints = async (repository: string) =>
        (await plain(repository)).map((endpoint) => ({
          ...endpoint,
          origin: endpoint.origin.replace('http:', 'https:'),
          tls: { ca: [authority.cert] },
        }))
      mkdirSync(space.path('certs'), { recursive: true })
      writeFileSync(space.path('certs/ca.crt'), authority.cert)
      return { options: { tls }, client: { endpoints }, flags: [`cert-dir=${space.path('certs')}`] }
    }
    const about = { service: 'test', issuer: 'cooperage' }
    const signer = authority.issue('signer')
    const server = await tokenServer({ signer, ...about, username: 'me', password: 'secret' })
    const token = { realm: `${server.origin}/token`, ...about, certFile: authority.certFile }
    return { options: { token }, client: { credentials: CREDENTIALS }, flags: ['tls-verify=false', ...creds] }
  }

  it.each(['plain', 'htpasswd', 'TLS', 'token server'])(
    'give and take identical digests: %s',
    async (mode) => {
      const { options, client: how, flags } = await settingOf(mode)
      const registry = await distributionRegistry(options)
      await using client = createRegistryClient(how)
      const flagged = (side: string) => flags.map((flag) => `--${side}-${flag}`)
      for (const [number, { kind, root }] of all.entries()) {
        const tag = `${number}`
        // From us, read by another.
        const ours = parseReference(`${registry.host}/ours/a:${tag}`)
        await client.push(ours, { root, content: storeContent(store) })
        await run('skopeo', [
          'copy',
          '--all',
          '--preserve-digests',
          ...flagged('src'),
          `docker://${ours}`,
          `dir:${space.path(`d-${mode}-${tag}`)}`,
        ])
        const raw = readFileSync(space.path(`d-${mode}-${tag}/manifest.json`))
        expect(digestOf(raw), kind).toBe(root.digest)
        // From another, read by us.
        const theirs = parseReference(`${registry.host}/theirs/a:${tag}`)
        const source = `dir:${space.path(`d-${mode}-${tag}`)}`
        await run('skopeo', [
          'copy',
          '--all',
          '--preserve-digests',
          ...flagged('dest'),
          source,
          `docker://${theirs}`,
        ])
        const mine = new MemoryBlobStore()
        const pulled = await client.pull(theirs, { store: mine, platforms: 'all' })
        expect(pulled.root, kind).toMatchObject({
          digest: root.digest,
          size: root.size,
          mediaType: root.mediaType,
        })
        await expectWhole(mine, root)
        // And back again: nothing is left to do.
        const again = await client.push(theirs, { root, content: storeContent(mine) })
        expect(again.blobs).toMatchObject({ mounted: 0, uploaded: 0 })
        const copied = await client.copy(theirs, parseReference(`${registry.host}/third/a:${tag}`))
        expect(copied.root.digest).toBe(root.digest)
        if (number === 0) expect(copied.blobs).toMatchObject({ mounted: 3, uploaded: 0 })
      }
      const tags: string[] = []
      for await (const tag of client.tags(parseReference(`${registry.host}/ours/a`))) tags.push(tag)
      expect(tags.sort()).toEqual(['0', '1', '2', '3', '4'])
      await registry.stop()
    },
  )

  it('an OCI layout that skopeo pushes is what we pull', async () => {
    const registry = await distributionRegistry()
    await using client = createRegistryClient()
    const { root } = all[2]!
    const layout = await layoutOf(store, root, 'layout')
    const name = `${registry.host}/a/b:1`
    await run('skopeo', ['copy', '--all', '--dest-tls-verify=false', layout, `docker://${name}`])
    const mine = new MemoryBlobStore()
    const pulled = await client.pull(parseReference(name), {
      store: mine,
      platforms: [{ os: 'linux', architecture: 'arm64' }],
    })
    expect(pulled.root.digest).toBe(root.digest)
    expect(pulled.images).toMatchObject([{ config: { architecture: 'arm64' } }])
    const named = parseIndex(await mine.readAll(parseDigest(root.digest), 1 << 20)).manifests.map(
      ({ digest }) => parseDigest(digest),
    )
    expect((await Promise.all(named.map((digest) => mine.stat(digest)))).filter(Boolean)).toHaveLength(1)
    await registry.stop()
  })

  it.skipIf(!podman)('podman runs on what we push, and we read what it pushes', async () => {
    const registry = await distributionRegistry()
    await using client = createRegistryClient()
    const storage = podmanApart(space.path('.'))
    const call = async (...args: string[]) => (await run('podman', [...storage, ...args])).stdout.trim()
    for (const { root } of [all[0]!, all[3]!]) {
      const name = `${registry.host}/a/podman`
      await client.push(parseReference(`${name}:1`), { root, content: storeContent(store) })
      await call('pull', '-q', '--tls-verify=false', `${name}:1`)
      expect(await call('image', 'inspect', '--format', '{{.Digest}}', `${name}:1`)).toBe(root.digest)
      await call(
        'push',
        '-q',
        '--tls-verify=false',
        '--digestfile',
        space.path('digest'),
        `${name}:1`,
        `${name}:2`,
      )
      const mine = new MemoryBlobStore()
      const pulled = await client.pull(parseReference(`${name}:2`), {
        store: mine,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
      })
      expect(pulled.root.digest).toBe(readFileSync(space.path('digest'), 'utf8'))
      expect(pulled.images[0]!.manifest.config.digest).toBe(
        parseManifest(await store.readAll(parseDigest(root.digest), 1 << 20)).config.digest,
      )
      await call('rmi', '-f', `${name}:1`)
    }
    await registry.stop()
  })

  it.skipIf(!docker)('Docker pulls what we push, and we read what it pushes', async () => {
    const registry = await distributionRegistry()
    await using client = createRegistryClient()
    for (const [number, { root }] of [all[0]!, all[1]!, all[3]!].entries()) {
      const name = `${registry.host}/a/docker`
      const [tag, other] = [`${name}:${number}`, `${name}:back${number}`]
      await client.push(parseReference(tag), { root, content: storeContent(store) })
      docker!(['pull', '-q', tag])
      expect(docker!(['image', 'inspect', '--format', '{{index .RepoDigests 0}}', tag])).toContain(
        root.digest,
      )
      docker!(['tag', tag, other])
      docker!(['push', '-q', other])
      const mine = new MemoryBlobStore()
      const pulled = await client.pull(parseReference(other), {
        store: mine,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
      })
      const { config } = parseManifest(await store.readAll(parseDigest(root.digest), 1 << 20))
      expect(pulled.images[0]!.manifest.config.digest).toBe(config.digest)
      await expectWhole(mine, pulled.root)
      docker!(['rmi', '-f', tag, other])
    }
    await registry.stop()
  })

  it('the registry of our tests is one to skopeo too', async () => {
    const auth = { kind: 'token', username: 'me', password: 'secret' } as const
    await using registry = await startLoopbackRegistry({ auth })
    const { root } = all[2]!
    const layout = await layoutOf(store, root, 'layout')
    const name = `docker://${registry.host}/a/b:1`
    const creds = (side: string) => [`--${side}-tls-verify=false`, `--${side}-creds=me:secret`]
    await run('skopeo', ['copy', '--all', ...creds('dest'), layout, name])
    await run('skopeo', ['copy', '--all', ...creds('src'), name, `oci:${space.path('back')}:x`])
    const index = JSON.parse(readFileSync(space.path('back/index.json'), 'utf8'))
    expect(index.manifests[0].digest).toBe(root.digest)
  })
})

describe.skipIf(!tools)('docker-registry in bad times', () => {
  const sizes = [7_000_003, 1000]
  const store = new MemoryBlobStore()
  let root: Descriptor
  let big: Descriptor
  beforeAll(async () => {
    const layers: Descriptor[] = []
    for (const size of sizes)
      layers.push({ mediaType: MediaType.ociLayer, ...(await store.put(patternBytes(size, size))) })
    const document = {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }
    const config = {
      mediaType: MediaType.ociConfig,
      ...(await store.put(Buffer.from(JSON.stringify(document)))),
    }
    const mediaType = MediaType.ociManifest
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers })
    root = { mediaType, ...(await store.put(Buffer.from(manifest))) }
    big = layers[0]!
  })
  const clients: RegistryClient[] = []
  afterAll(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]()
  })
  function client(options: RegistryClientOptions = {}): RegistryClient {
    const made = createRegistryClient(options)
    clients.push(made)
    return made
  }

  it('a pull that is cut at any byte ends with the right digest', async () => {
    const registry = await distributionRegistry()
    await client().push(parseReference(`${registry.host}/a:1`), { root, content: storeContent(store) })
    const proxy = await cuttingProxy(registry.host)
    const clock = { now: () => Date.now(), sleep: async () => {} }
    const through = client({ clock })
    for (let turn = 0; turn < 20; turn++) {
      const cutAt = Math.floor(Math.random() * sizes[0]!)
      proxy.cutNext(cutAt, 'down')
      const mine = new MemoryBlobStore()
      const events: RegistryEvent[] = []
      const layer = { store: mine, onEvent: (event: RegistryEvent) => events.push(event) }
      await through.fetchBlob(parseReference(`${proxy.host}/a:1`), big, layer)
      expect(await mine.stat(parseDigest(big.digest)), `cut at ${cutAt}`).toBeDefined()
      expect(
        events.filter(({ kind }) => kind === 'retry'),
        `cut at ${cutAt}`,
      ).toHaveLength(1)
    }
    await registry.stop()
  })

  it.each([undefined, 1_000_000])('a push that is cut at any byte too (pieces of %s)', async (chunkSize) => {
    const registry = await distributionRegistry()
    const proxy = await cuttingProxy(registry.host)
    const clock = { now: () => Date.now(), sleep: async () => {} }
    for (let turn = 0; turn < 10; turn++) {
      const through = client({ clock, ...(chunkSize && { chunkSize }) })
      const cutAt = Math.floor(Math.random() * sizes[0]!)
      proxy.cutNext(cutAt, 'up')
      const name = `turn${turn}:1`
      await through.push(parseReference(`${proxy.host}/${name}`), { root, content: storeContent(store) })
      const there = await client().pull(parseReference(`${registry.host}/${name}`), {
        store: new MemoryBlobStore(),
        platforms: [{ os: 'linux', architecture: 'amd64' }],
      })
      expect(there.root.digest, `cut at ${cutAt}`).toBe(root.digest)
    }
    await registry.stop()
  })

  it.each([undefined, 'shared'])('a push goes on after a restart (secret %s)', async (secret) => {
    const registry = await distributionRegistry(secret === undefined ? {} : { secret })
    let restarted: Promise<void> | undefined
    const plain = storeContent(store)
    const content = {
      async *read(descriptor: Descriptor, options?: { readonly offset?: number }) {
        let count = options?.offset ?? 0
        for await (const chunk of plain.read(descriptor, options)) {
          // Right between two pieces: docker-registry gives up an upload of which it has part of a piece.
          for (let from = 0; from < chunk.length; ) {
            if (count === 3_000_000 && restarted === undefined) {
              const stopped = registry.stop()
              restarted = stopped.then(() => registry.start())
              await stopped
            }
            const piece = chunk.subarray(from, from + (count < 3_000_000 ? 3_000_000 - count : chunk.length))
            yield piece
            from += piece.length
            count += piece.length
          }
        }
      },
    }
    const events: RegistryEvent[] = []
    const reference = parseReference(`${registry.host}/a:1`)
    const pushing = client({ chunkSize: 1_000_000 })
    await pushing.push(reference, { root, content, onEvent: (event) => events.push(event) })
    await restarted
    const outcome = events.find((event) => event.kind === 'blob' && event.digest === big.digest)
    expect(outcome).toMatchObject({ outcome: secret === undefined ? 'moved' : 'resumed' })
    expect(events.some(({ kind }) => kind === 'retry')).toBe(true)
    const mine = new MemoryBlobStore()
    await client().pull(reference, { store: mine, platforms: [{ os: 'linux', architecture: 'amd64' }] })
    expect(await mine.stat(parseDigest(big.digest))).toBeDefined()
    await registry.stop()
  })
})
