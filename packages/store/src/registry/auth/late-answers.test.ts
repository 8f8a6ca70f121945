import { expect, it } from 'vitest'
import { PASSWORD, start, TOKEN } from '../../../../../test/registry-canary.js'
import { nodeTransport } from '../../http/node-transport.js'
import { Call } from '../transport/call.js'
import { Network } from '../transport/network.js'
import { Authorizer } from './authorizer.js'

it('a token that was fetched since is not dropped by the late refusal of the one before', async () => {
  const registry = await start(TOKEN)
  await using transport = nodeTransport()
  const clock = { now: () => Date.now(), sleep: async () => {} }
  const network = new Network({ transport, clock, tries: 1, longestWait: 0, userAgent: 'test' })
  const authorizer = new Authorizer({ network, credentials: async () => PASSWORD })
  const capabilities = new Set(['pull'] as const)
  const { origin, host } = registry
  const endpoint = { origin, repository: 'a', isMirror: false, capabilities, credentialKey: host }
  const scopes = ['repository:a:pull']
  const call = new Call()
  const tokens = () => registry.requests.filter(({ url }) => url.startsWith('/token')).length
  const header = `Bearer realm="${origin}/token",service="loopback"`
  const refused = (used: Awaited<ReturnType<typeof authorize>>) =>
    authorizer.challenged(endpoint, { header, scopes, used }, call)
  const authorize = () => authorizer.authorization(endpoint, scopes, call)

  expect(await refused(await authorize())).toBe(true)
  await authorize()
  const [early, late] = [await authorize(), await authorize()]
  expect(tokens()).toBe(1)
  expect(await refused(early)).toBe(true)
  await authorize()
  expect(tokens()).toBe(2)
  expect(await refused(late)).toBe(true)
  await authorize()
  expect(tokens()).toBe(2)
})
