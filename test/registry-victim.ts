import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, parseReference, type Store } from '@cooperage/store'
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryEvent,
} from '@cooperage/store/registry'
import { type LoopbackRegistry, type RegistryFault, startLoopbackRegistry } from '@cooperage/store/testing'
import { afterEach, beforeEach } from 'vitest'

export const AMD64 = { os: 'linux', architecture: 'amd64' }

/** A client with an empty store before a registry that is about to do harm; both are new for every test. */
export interface Victim {
  readonly store: Store
  readonly registry: LoopbackRegistry
  client: RegistryClient
  /** Milliseconds that were slept, or would have been. */
  readonly waited: number[]
  readonly events: RegistryEvent[]
  makeClient(options?: RegistryClientOptions): RegistryClient
  pull(reference?: string): Promise<unknown>
  /** The digests of what the store has. */
  blobs(): Promise<string[]>
  /** Sets the fault of every GET whose URL has this in it. */
  faulty(part: string, fault: RegistryFault): void
}

/** Call it once at the top of a test file. */
export function victim(): Victim {
  let root: string
  let store: Store
  let registry: LoopbackRegistry
  let client: RegistryClient
  const waited: number[] = []
  const events: RegistryEvent[] = []
  const makeClient = (options: RegistryClientOptions = {}) => {
    const sleep = async (milliseconds: number) => void waited.push(milliseconds)
    return createRegistryClient({ clock: { now: () => Date.now(), sleep }, ...options })
  }
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'cooperage-victim-'))
    store = await openStore({ path: root })
    registry = await startLoopbackRegistry()
    client = makeClient()
    waited.length = 0
    events.length = 0
  })
  afterEach(async () => {
    await client[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    rmSync(root, { recursive: true })
  })
  return {
    get store() {
      return store
    },
    get registry() {
      return registry
    },
    get client() {
      return client
    },
    set client(other) {
      client = other
    },
    waited,
    events,
    makeClient,
    pull(reference = 'a:1') {
      const named = parseReference(`${registry.host}/${reference}`)
      const onEvent = (event: RegistryEvent) => void events.push(event)
      return client.pull(named, { store: store.blobs, platforms: [AMD64], onEvent })
    },
    async blobs() {
      const found: string[] = []
      for await (const { digest } of store.blobs.list()) found.push(digest)
      return found
    },
    faulty(part, fault) {
      registry.fault = ({ url, method }) => (url.includes(part) && method === 'GET' ? fault : undefined)
    },
  }
}
