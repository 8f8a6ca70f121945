import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../digest.js'
import { MediaType } from '../image/types.js'
import { type LoopbackRegistry, type RegistryFault, startLoopbackRegistry } from '../testing/index.js'
import type { RegistryClient } from './client.js'
import { createRegistryClient } from './create-registry-client.js'
import { parseReference } from './reference.js'

let registry: LoopbackRegistry
let client: RegistryClient
beforeEach(async () => {
  registry = await startLoopbackRegistry()
  client = createRegistryClient({ tries: 1 })
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const a = () => parseReference(`${registry.host}/a`)

async function tags(): Promise<string[]> {
  const found: string[] = []
  for await (const tag of client.tags(a())) found.push(tag)
  return found
}

const next = (url: string) => ({ link: `<${url}>; rel="next"` })
const page = (body: string | Uint8Array, headers: Record<string, string> = {}): RegistryFault => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

describe('a list of tags', () => {
  it.each([
    ['is no list', '{"tags":{}}', 'E_REG_PROTOCOL'],
    ['is no JSON', '', 'E_REG_PROTOCOL'],
  ])('that %s is the fault of the registry', async (_, body, code) => {
    registry.fault = () => page(body)
    await expect(tags()).rejects.toMatchObject({
      code,
      category: 'network',
      message: expect.stringContaining(`${registry.host}: tags of ${registry.host}/a`),
    })
  })

  it('that goes on at another server is not the whole list', async () => {
    registry.fault = () =>
      page('{"tags":["1"]}', next('http://user:secret@other.test/v2/b/tags/list?token=secret'))
    const error = (await tags().catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'E_REG_PROTOCOL', category: 'network' })
    expect(error.message).toMatch(/at another server, http:\/\/other\.test\/v2\/b\/tags\/list$/)
  })

  it('goes on at the same server under the name that it has for itself', async () => {
    const pages = [
      page('{"tags":["1"]}', next('http://inner:5000/v2/a/tags/list?last=1')),
      page('{"tags":["2"]}'),
    ]
    registry.fault = () => pages.shift()
    expect(await tags()).toEqual(['1', '2'])
    expect(registry.requests.at(-1)!.url).toBe('/v2/a/tags/list?last=1')
  })

  it('without end is read no further than a million names, or 64 MiB', async () => {
    let count = 0
    const names = Array.from({ length: 300_000 }, (_, at) => `t${at}`)
    const bodies = [JSON.stringify({ tags: names }), `{"tags":["1"]}${' '.repeat(20 << 20)}`]
    for (const [at, body] of bodies.entries()) {
      count = 0
      registry.fault = () => page(body, next(`/v2/a/tags/list?last=${count++}`))
      await expect(tags()).rejects.toMatchObject({
        code: 'E_LIMIT',
        category: 'network',
        data: { host: registry.host, limit: [1_000_000, 64 << 20][at] },
      })
      expect(count).toBe(4)
    }
  })
})

describe('a list of referrers', () => {
  it('without end is read no further than 64 MiB', async () => {
    let count = 0
    const entry = {
      mediaType: MediaType.ociManifest,
      digest: digestOf('x'),
      size: 1,
      annotations: { x: 'y'.repeat(3 << 20) },
    }
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [entry] })
    registry.fault = ({ url }) =>
      page(body, { ...next(`${url.split('?')[0]}?last=${count++}`), 'content-type': MediaType.ociIndex })
    await expect(client.referrers(a(), digestOf('y'))).rejects.toMatchObject({
      code: 'E_LIMIT',
      category: 'network',
    })
    expect(count).toBeLessThan(30)
  })
})
