import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defaultPlatform, digestOf } from '@cooperage/store'
import { expect, test } from 'vitest'
import { makeAuthority } from './authority.js'
import { distributionRegistry } from './distribution-registry.js'
import { hasTool } from './rival-tools.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('shared-cache-registry')
const context = space.folder('app', {
  Dockerfile: [
    'FROM scratch AS assets',
    'COPY assets /assets',
    'FROM scratch',
    'COPY --from=assets /assets /srv',
    'COPY main.txt .',
    '',
  ].join('\n'),
  'assets/a.txt': 'a'.repeat(300_000),
  'main.txt': 'main',
})
const STEPS = 3
const LAYER_TYPES = /\+gzip$|\.tar$/

test.skipIf(!hasTool('docker-registry'))(
  'a second machine builds from the cache of the first and pushes: no step is run, no layer is moved',
  async () => {
    const { host } = await distributionRegistry()
    const build = (machine: string, ...args: string[]) =>
      space.run(['build', '--progress=plain', '--push', ...args, context], {
        env: { HOME: space.path(machine) },
      })

    const first = await build(
      'one',
      '-t',
      `${host}/app:1`,
      `--cache-to=type=registry,ref=${host}/app:cache,mode=max`,
    )
    expect(first.stderr).not.toContain('is not written')
    expect(first.stderr).toContain(`(0 of ${STEPS} steps from the cache)`)

    const second = await build('two', '-t', `${host}/app:2`, `--cache-from=${host}/app:cache`)
    expect(second.stderr).toContain(`(${STEPS} of ${STEPS} steps from the cache)`)
    const digests = [first, second].map(({ stderr }) => / as (sha256:\w+)/.exec(stderr)?.[1])
    expect(digests[0]).toBeDefined()
    expect(digests[1]).toBe(digests[0])

    const manifest = (await (
      await request(`http://${host}/v2/app/manifests/1`, 'application/vnd.oci.image.manifest.v1+json')
    ).json()) as { layers: { mediaType: string; digest: string }[] }
    const layers = manifest.layers.filter(({ mediaType }) => LAYER_TYPES.test(mediaType))
    expect(layers).toHaveLength(2)
    for (const { digest } of layers) expect(blobs('two')).not.toContain(digest.slice(7))
  },
)

test.skipIf(!hasTool('docker-registry'))('an image that carries its cache is one to build from', async () => {
  const { host } = await distributionRegistry()
  const build = (machine: string, ...args: string[]) =>
    space.run(['build', '--progress=plain', ...args, context], { env: { HOME: space.path(machine) } })
  const first = await build('three', '--push', '-t', `${host}/app:1`, '--cache-to=type=inline')
  expect(first.code).toBe(0)
  const second = await build('four', `--cache-from=${host}/app:1`, '-o', space.path('four-out'))
  expect(second.stderr).toContain(`(2 of ${STEPS} steps from the cache)`)
  await nest(`http://${host}/v2/app/manifests`, '1', 'nested')
  const third = await build('six', `--cache-from=${host}/app:nested`, '-o', space.path('six-out'))
  expect(third.stderr).toContain(`(2 of ${STEPS} steps from the cache)`)
})

test.skipIf(!hasTool('docker-registry') || !hasTool('openssl'))(
  'a cache is at a server whose certificate nobody knows where its options say so',
  async () => {
    const tls = makeAuthority(space.path('tls')).issue('server')
    const { host } = await distributionRegistry({ tls })
    const build = (machine: string, ...args: string[]) =>
      space.run(['build', '--progress=plain', ...args, context], { env: { HOME: space.path(machine) } })
    const cache = `type=registry,ref=${host}/app:cache`
    const distrusted = await build('seven', `--cache-to=${cache}`, '-o', 'type=cacheonly')
    expect(distrusted.stderr).toContain('is not written')
    const insecure = `${cache},registry.insecure=true`
    const written = await build(
      'seven',
      `--cache-to=${insecure},mode=max,ignore-error=0`,
      '-o',
      'type=cacheonly',
    )
    expect(written.code, written.stderr).toBe(0)
    const read = await build('eight', `--cache-from=${insecure}`, '-o', space.path('eight-out'))
    expect(read.stderr).toContain(`(${STEPS} of ${STEPS} steps from the cache)`)
  },
)

test('a registry out of reach costs a warning', async () => {
  const run = await space.run(
    [
      'build',
      '--progress=plain',
      '--cache-from=127.0.0.1:1/app:cache',
      '-o',
      space.path('five-out'),
      context,
    ],
    { env: { HOME: space.path('five') } },
  )
  expect(run.code).toBe(0)
  expect(run.stderr).toContain('the cache 127.0.0.1:1/app:cache is not used')
})

function request(url: string, accept: string): Promise<Response> {
  return fetch(url, { headers: { accept } })
}

/** Puts an image into an index, and that into another, which gets the tag. */
async function nest(manifests: string, image: string, tag: string): Promise<void> {
  const manifestType = 'application/vnd.oci.image.manifest.v1+json'
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const bytes = Buffer.from(await (await request(`${manifests}/${image}`, manifestType)).arrayBuffer())
  const platform = defaultPlatform()
  let entry: object = { mediaType: manifestType, digest: digestOf(bytes), size: bytes.length, platform }
  for (let depth = 0; depth < 2; depth++) {
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [entry] }))
    const digest = digestOf(index)
    for (const name of [digest, tag]) {
      await fetch(`${manifests}/${name}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: index,
      })
    }
    entry = { mediaType, digest, size: index.length }
  }
}

/** Names of the blobs of a machine's store. */
function blobs(machine: string): string[] {
  return readdirSync(join(storeOf(space.path(machine)), 'blobs/sha256'), {
    recursive: true,
    encoding: 'latin1',
  })
    .filter((name) => /[0-9a-f]{64}$/.test(name))
    .map((name) => name.slice(-64))
}
