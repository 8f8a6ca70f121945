import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileNode, openStore, type Store } from '@cooperage/store'
import { expect, it, onTestFinished } from 'vitest'
import { StatCache, unsettledFor } from './stat-cache.js'

const DIGEST = `sha256:${'a'.repeat(64)}` as const
const SECOND = 1_000_000_000n

function file(path: string, change: { ctimeNs?: bigint; size?: number } = {}): FileNode {
  const stat = { dev: 1, ino: 2, mtimeNs: 5n, ctimeNs: change.ctimeNs ?? 7n * SECOND + 3n }
  return {
    type: 'file',
    meta: { mode: 0o644, uid: 0, gid: 0, mtime: 0 },
    size: change.size ?? 3,
    content: { kind: 'host', path, stat },
  }
}

async function emptyStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'stat-cache-'))
  const store = await openStore({ path: join(folder, 'store') })
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  return store
}

async function known(store: Store, node: FileNode) {
  return (await StatCache.load(store, '/c')).get(node)
}

it('a file that is as it was keeps its digest, one that changed in any way does not', async () => {
  const store = await emptyStore()
  const cache = await StatCache.load(store, '/c')
  cache.set(file('/c/odd\nname\xff'), DIGEST, 9n * SECOND)
  await cache.save()
  expect(await known(store, file('/c/odd\nname\xff'))).toBe(DIGEST)
  expect(await known(store, file('/c/odd\nname\xff', { size: 4 }))).toBeUndefined()
  expect(await known(store, file('/c/odd\nname\xff', { ctimeNs: 8n * SECOND + 3n }))).toBeUndefined()
  expect(await known(store, file('/c/other'))).toBeUndefined()
})

it('a file that was read within a tick of its change is not remembered', async () => {
  const store = await emptyStore()
  const cache = await StatCache.load(store, '/c')
  const fine = 7n * SECOND + 3n
  cache.set(file('/c/fine', { ctimeNs: fine }), DIGEST, fine + 19_000_000n)
  cache.set(file('/c/coarse', { ctimeNs: 7n * SECOND }), DIGEST, 8n * SECOND)
  cache.set(file('/c/settled', { ctimeNs: fine }), DIGEST, fine + 20_000_000n)
  await cache.save()
  expect(await known(store, file('/c/fine', { ctimeNs: fine }))).toBeUndefined()
  expect(await known(store, file('/c/coarse', { ctimeNs: 7n * SECOND }))).toBeUndefined()
  expect(await known(store, file('/c/settled', { ctimeNs: fine }))).toBe(DIGEST)
})

it('a file that was changed just now is worth a short wait, one with coarse times is not', () => {
  const now = 7n * SECOND + 10_000_000n
  expect(unsettledFor([file('/a', { ctimeNs: now - 5_000_000n })], now)).toBe(15)
  expect(unsettledFor([file('/a', { ctimeNs: now - SECOND })], now)).toBe(0)
  expect(unsettledFor([file('/a', { ctimeNs: 7n * SECOND })], now)).toBe(0)
  expect(unsettledFor([file('/a', { ctimeNs: now + 60n * SECOND })], now)).toBe(0)
})

it('files that a build did not see are forgotten', async () => {
  const store = await emptyStore()
  const first = await StatCache.load(store, '/c')
  first.set(file('/c/gone'), DIGEST, 9n * SECOND)
  first.set(file('/c/kept'), DIGEST, 9n * SECOND)
  await first.save()
  const second = await StatCache.load(store, '/c')
  second.get(file('/c/kept'))
  await second.save()
  expect(await known(store, file('/c/gone'))).toBeUndefined()
  expect(await known(store, file('/c/kept'))).toBe(DIGEST)
})

it('a record of thousands of files, of names that are no UTF-8, comes back entry by entry', async () => {
  const store = await emptyStore()
  const cache = await StatCache.load(store, '/c')
  const names = Array.from({ length: 3000 }, (_, index) => `/c/d${index % 7}/${index}\xff`)
  const digestOfIndex = (index: number) => `sha256:${index.toString(16).padStart(64, '0')}` as const
  for (const [index, path] of names.entries()) cache.set(file(path), digestOfIndex(index), 9n * SECOND)
  await cache.save()
  const again = await StatCache.load(store, '/c')
  expect(names.map((path) => again.get(file(path)))).toEqual(names.map((_, index) => digestOfIndex(index)))
  expect(again.get(file('/elsewhere/d0/0\xff'))).toBeUndefined()
})

it('a record that is damaged, or of another kind, knows nothing', async () => {
  const store = await emptyStore()
  const cache = await StatCache.load(store, '/c')
  cache.set(file('/c/a'), DIGEST, 9n * SECOND)
  await cache.save()
  const sound = (await store.records.get('stat', '/c'))!
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('x'),
    sound.subarray(0, 40),
    Buffer.concat([sound, Buffer.from('\0')]),
  ]) {
    await store.records.put('stat', '/c', bytes)
    expect(await known(store, file('/c/a'))).toBeUndefined()
  }
})
