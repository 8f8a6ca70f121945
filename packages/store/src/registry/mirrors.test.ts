import { describe, expect, it } from 'vitest'
import { AMD64, start } from '../../../../test/registry-canary.js'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { addImage, type LoopbackRegistry, type RegistryFault } from '../testing/index.js'
import { createRegistryClient } from './create-registry-client.js'
import type { RegistryEvent } from './events.js'
import { readRegistryRules } from './policy/read-registry-rules.js'
import { type RuleEndpointsOptions, ruleEndpoints } from './policy/rule-endpoints.js'
import { parseReference } from './reference.js'

interface Pulling extends RuleEndpointsOptions {
  readonly credentials?: (repository: string) => Promise<undefined>
}

/** Pulls an image of four blobs by way of a mirror. */
async function pullBy(mirror: LoopbackRegistry, options: Pulling = {}) {
  const registry = await start()
  addImage(registry.storage, 'a', { tag: '1', layers: [10, 20, 30] })
  const { credentials, ...more } = options
  const registries = [{ prefix: 'r.io', location: registry.host, mirror: [{ location: mirror.host }] }]
  const waited: number[] = []
  const events: RegistryEvent[] = []
  await using client = createRegistryClient({
    endpoints: ruleEndpoints({ rules: [readRegistryRules({ registry: registries }).rules], ...more }),
    clock: { now: () => Date.now(), sleep: async (milliseconds) => void waited.push(milliseconds) },
    ...(credentials && { credentials }),
  })
  await client.pull(parseReference('r.io/a:1'), {
    store: new MemoryBlobStore(),
    platforms: [AMD64],
    onEvent: (event) => events.push(event),
  })
  const passedOver = events.filter(({ kind }) => kind === 'passed-over')
  return { waited, passedOver, asked: mirror.requests.length }
}

describe('a mirror in trouble', () => {
  it.each<[RegistryFault, string, number]>([
    [{ status: 503, headers: { 'retry-after': '7' } }, 'E_REG_SERVER', 1],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'E_REG_RATE', 1],
    [{ status: 429, headers: { 'retry-after': '1' } }, 'E_REG_RATE', 2],
    [{ status: 502 }, 'E_REG_SERVER', 2],
  ])('that says %j is waited for a second at most, and then no longer asked', async (fault, code, tries) => {
    const mirror = await start()
    mirror.fault = () => fault
    const { waited, passedOver, asked } = await pullBy(mirror)
    expect(passedOver).toEqual([expect.objectContaining({ code, host: mirror.host })])
    expect(asked).toBe(tries)
    expect(waited).toHaveLength(tries - 1)
    expect(Math.max(0, ...waited)).toBeLessThanOrEqual(1000)
  })
})
