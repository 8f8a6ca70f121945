import { matchPlatform, type Platform, parseReference, type Reference, type Store } from '@cooperage/store'
import { type Content, type RegistryClient, storeContent } from '@cooperage/store/registry'
import { obtainBlob } from '../../execute/obtain-layer.js'
import type { PublishedCache, WritableCachePlace } from './cache-place.js'

interface RegistryWires {
  readonly client: RegistryClient
  readonly store: Store
  /** Of the images whose inline caches are read. */
  readonly platform: Platform
}

/** A cache under a tag of a registry, or in an image there. */
export function registryCachePlace(name: string, wires: RegistryWires): WritableCachePlace {
  const { client, store } = wires
  const reference = parseReference(name)
  return {
    name,
    manifest: (signal) => manifestOf(reference, wires, signal),
    origin: {
      repository: repositoryOf(reference),
      async fetchBlob(descriptor, signal) {
        await client.fetchBlob(reference, descriptor, { store: store.blobs, records: store.records, signal })
      },
    },
    async publish(cache, signal) {
      await client.push(reference, {
        root: cache.manifest,
        content: lazyContent(cache, store),
        mountFrom: repositories(cache),
        records: store.records,
        signal,
      })
    },
  }
}

async function manifestOf(
  reference: Reference,
  { client, platform }: RegistryWires,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const raw = await client.manifest(reference, { signal })
  if (raw.index === undefined) return raw.bytes
  const { digest } = matchPlatform(raw.index.manifests, platform)
  return (await client.manifest(parseReference(`${repositoryOf(reference)}@${digest}`), { signal })).bytes
}

/** What the registry lacks is read from the store, where it is brought when it is not there. */
function lazyContent({ layers }: PublishedCache, store: Store): Content {
  const content = storeContent(store.blobs)
  return {
    async *read(descriptor, options = {}) {
      const layer = layers.find((one) => one.descriptor?.digest === descriptor.digest)
      const signal = options.signal ?? new AbortController().signal
      if (layer !== undefined) await obtainBlob(layer, { store, signal })
      yield* content.read(descriptor, options)
    },
  }
}

function repositoryOf({ domain, path }: Reference): string {
  return `${domain}/${path}`
}

function repositories({ layers }: PublishedCache): readonly Reference[] {
  const names = new Set(layers.flatMap(({ origin }) => origin?.repository ?? []))
  return [...names].map(parseReference)
}
