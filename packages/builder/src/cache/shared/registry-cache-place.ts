import { matchPlatform, type Platform, parseReference, type Reference, type Store } from '@cooperage/store'
import type { RegistryOpener } from '../../base/registry-opener.js'
import { layerContent } from '../../execute/layer-content.js'
import type { PublishedCache, WritableCachePlace } from './cache-place.js'

interface RegistryWires {
  readonly registry: RegistryOpener
  readonly store: Store
  /** Of the images whose inline caches are read. */
  readonly platform: Platform
}

/** An index may hold an index. */
const DEEPEST = 8

/** A cache under a tag of a registry, or in an image there. */
export function registryCachePlace(name: string, wires: RegistryWires): WritableCachePlace {
  const { registry, store } = wires
  const reference = parseReference(name)
  return {
    name,
    manifest: (signal) => manifestOf(reference, wires, signal),
    origin: {
      repository: repositoryOf(reference),
      async fetchBlob(descriptor, signal) {
        const { client } = await registry()
        await client.fetchBlob(reference, descriptor, { store: store.blobs, records: store.records, signal })
      },
    },
    async publish(cache, signal) {
      const { client } = await registry()
      await client.push(reference, {
        root: cache.manifest,
        content: layerContent(cache.layers, store),
        mountFrom: repositories(cache),
        records: store.records,
        signal,
      })
    },
  }
}

async function manifestOf(
  reference: Reference,
  { registry, platform }: RegistryWires,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { client } = await registry()
  let raw = await client.manifest(reference, { signal })
  for (let depth = 0; raw.index !== undefined && depth < DEEPEST; depth++) {
    const { digest } = matchPlatform(raw.index.manifests, platform)
    raw = await client.manifest(parseReference(`${repositoryOf(reference)}@${digest}`), { signal })
  }
  return raw.bytes
}

function repositoryOf({ domain, path }: Reference): string {
  return `${domain}/${path}`
}

function repositories({ layers }: PublishedCache): readonly Reference[] {
  const names = new Set(layers.flatMap(({ origin }) => origin?.repository ?? []))
  return [...names].map(parseReference)
}
