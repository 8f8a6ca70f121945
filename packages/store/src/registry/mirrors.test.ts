import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AMD64, start } from '../../../../test/registry-canary.js'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { addImage, type LoopbackRegistry, type RegistryFault } from '../testing/index.js'
import { createRegistryClient } from './create-registry-client.js'
import type { CredentialSource } from './credential.js'
import { systemCredentials } from './credentials/system-credentials.js'
import type { RegistryEvent } from './events.js'
import { hostCertificates } from './policy/host-certificates.js'
import { readRegistryRules } from './policy/read-registry-rules.js'
import { type RuleEndpointsOptions, ruleEndpoints } from './policy/rule-endpoints.js'
import { parseReference } from './reference.js'

interface Pulling extends RuleEndpointsOptions {
  readonly credentials?: CredentialSource
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

describe('a mirror that this machine is not ready for', () => {
  function home(): string {
    const folder = mkdtempSync(join(tmpdir(), 'cooper-mirror-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }

  it.each<[string, string, (host: string) => object]>([
    ['helper', 'E_CREDENTIALS_HELPER_MISSING', (host) => ({ credHelpers: { [host]: 'none-of-that-name' } })],
    ['entry', 'E_CREDENTIALS', (host) => ({ auths: { [host]: { auth: '!!!' } } })],
  ])('by its %s is passed over, and asked no more', async (_, code, config) => {
    const mirror = await start({ kind: 'basic', username: 'me', password: 'x' })
    const environment = { HOME: home(), PATH: process.env.PATH }
    mkdirSync(join(environment.HOME, '.docker'))
    writeFileSync(join(environment.HOME, '.docker/config.json'), JSON.stringify(config(mirror.host)))
    const { passedOver, asked } = await pullBy(mirror, { credentials: systemCredentials({ environment }) })
    expect(passedOver).toEqual([expect.objectContaining({ code, host: mirror.host })])
    expect(asked).toBe(1)
  })

  it('by its certificate is left out, and somebody is told', async () => {
    const mirror = await start()
    const folder = home()
    mkdirSync(join(folder, mirror.host))
    writeFileSync(join(folder, mirror.host, 'a.cert'), 'half')
    const told: string[] = []
    const certificates = hostCertificates({ directories: [folder] })
    const { asked } = await pullBy(mirror, { certificates, onWarning: (message) => told.push(message) })
    expect(asked).toBe(0)
    expect(told).toEqual([
      expect.stringMatching(`^the mirror ${mirror.host} is passed over: .* lacks a.key$`),
    ])
  })
})
