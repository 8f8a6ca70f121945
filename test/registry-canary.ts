import { randomBytes } from 'node:crypto'
import { MemoryBlobStore, type Platform, parseReference } from '@cooperage/store'
import {
  type Credential,
  createRegistryClient,
  type RegistryClient,
  type RegistryEvent,
} from '@cooperage/store/registry'
import { type LoopbackRegistry, type RegistryAuth, startLoopbackRegistry } from '@cooperage/store/testing'
import { expect, onTestFinished } from 'vitest'

export const AMD64: Platform = { os: 'linux', architecture: 'amd64' }

/** A secret that says nothing by chance. */
export const CANARY: string = randomBytes(32).toString('hex')
export const PASSWORD: Credential = { kind: 'password', username: 'me', password: CANARY }
export const BASIC = { kind: 'basic', username: 'me', password: CANARY } satisfies RegistryAuth
export const TOKEN = {
  kind: 'token',
  username: 'me',
  password: CANARY,
  identityToken: `id-${CANARY}`,
} satisfies RegistryAuth

/** Starts a registry that ends with the test. */
export async function start(auth?: RegistryAuth): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry(auth === undefined ? {} : { auth })
  onTestFinished(() => registry[Symbol.asyncDispose]())
  return registry
}

/** A client that knows the credential for every host, and waits for nothing between its tries. */
export function makeClient(credential: Credential = PASSWORD): RegistryClient {
  return createRegistryClient({
    credentials: async () => credential,
    clock: { now: () => Date.now(), sleep: async () => {} },
  })
}

/** Everything that a program could show of an error. */
function shown(error: unknown): string {
  const seen: string[] = []
  for (let at = error as Error | undefined; at instanceof Error; at = at.cause as Error | undefined) {
    seen.push(String(at), JSON.stringify(at), JSON.stringify((at as { data?: unknown }).data), at.stack ?? '')
  }
  return seen.join('\n')
}

/** Pulls `a:1`, and holds what came of it against the canary. */
export async function attempt(registry: LoopbackRegistry, credential?: Credential): Promise<unknown> {
  const client = makeClient(credential)
  const store = new MemoryBlobStore()
  const events: RegistryEvent[] = []
  const onEvent = (event: RegistryEvent) => events.push(event)
  try {
    await client.pull(parseReference(`${registry.host}/a:1`), { store, platforms: [AMD64], onEvent })
    return undefined
  } catch (error) {
    expect(shown(error)).not.toContain(CANARY)
    return error
  } finally {
    expect(JSON.stringify(events)).not.toContain(CANARY)
    await client[Symbol.asyncDispose]()
  }
}

/** All that pulling `a:1` tells, with what it ends in. */
export async function everything(registry: LoopbackRegistry, credential?: Credential): Promise<string> {
  await using client = makeClient(credential)
  const told: unknown[] = []
  const onEvent = (event: RegistryEvent) => told.push(event)
  const store = new MemoryBlobStore()
  const pulling = client.pull(parseReference(`${registry.host}/a:1`), { store, platforms: [AMD64], onEvent })
  const error = await pulling.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return `${shown(error)}\n${JSON.stringify(told)}`
}

/** Says that no request to the registry held a secret. */
export function expectNothing(registry: LoopbackRegistry): void {
  const text = JSON.stringify(registry.requests)
  expect(text).not.toContain(CANARY)
  expect(text).not.toContain(Buffer.from(`me:${CANARY}`).toString('base64'))
  expect(registry.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
}
