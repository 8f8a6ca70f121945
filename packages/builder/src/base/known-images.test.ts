import { digestOf, encodeManifest, MediaType, openStore, parseReference, type Store } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { knownImage, rememberImage } from './known-images.js'

const NAME = parseReference('r.io/app:1')

/** A manifest in the store. */
async function manifest(store: Store, text: string) {
  const config = await store.blobs.put(Buffer.from(text))
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: { mediaType: MediaType.ociConfig, ...config },
    layers: [],
  })
  const root = { mediaType: MediaType.ociManifest, ...(await store.blobs.put(bytes)) }
  return { root, documents: [root, { mediaType: MediaType.ociConfig, ...config }] }
}

describe('what the store knows of a name', () => {
  it('is what was given here, before what registries said', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    expect(await knownImage(NAME, store)).toBeUndefined()
    const [first, second] = [await manifest(store, '{"a":1}'), await manifest(store, '{"a":2}')]
    await rememberImage(NAME, first, store)
    expect(await knownImage(NAME, store)).toEqual({ root: first.root, isOwn: false })
    await store.refs.set('r.io/app:1', { descriptor: second.root, created: Date.now() })
    expect(await knownImage(NAME, store)).toEqual({ root: second.root, isOwn: true })
  })

  it('is the newer of what was pulled and what a build learned', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const [first, second] = [await manifest(store, '{"a":1}'), await manifest(store, '{"a":2}')]
    await rememberImage(NAME, first, store)
    const pull = (created: number) =>
      store.refs.set('r.io/app:1', { descriptor: second.root, created, pulled: true })
    await pull(Date.now() + 1000)
    expect(await knownImage(NAME, store)).toEqual({ root: second.root, isOwn: false })
    await pull(1)
    expect(await knownImage(NAME, store)).toEqual({ root: first.root, isOwn: false })
  })

  it('by digest is the document itself, whatever brought it', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { root, documents } = await manifest(store, '{"a":1}')
    const by = (digest: string) => knownImage(parseReference(`r.io/app:2@${digest}`), store)
    expect(await by(root.digest)).toEqual({ root, isOwn: true })
    // A config is no image, and neither is what is not there.
    expect(await by(documents[1]!.digest)).toBeUndefined()
    expect(await by(digestOf('nothing'))).toBeUndefined()
    expect(await by((await store.blobs.put(Buffer.from('no JSON'))).digest)).toBeUndefined()
  })

  it('of a registry is forgotten when a document is gone, and kept by a prune until then', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { root, documents } = await manifest(store, '{"a":1}')
    await rememberImage(NAME, { root, documents }, store)
    await store.prune({ grace: 0 })
    expect(await knownImage(NAME, store)).toBeDefined()
    await store.blobs.remove(documents[1]!.digest as never)
    expect(await knownImage(NAME, store)).toBeUndefined()
  })
})
