import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeStoreFs } from '../blobs/node-store-fs.js'
import type { StoreFs } from '../blobs/store-fs.js'
import type { Digest } from '../digest.js'
import { openStore, type Store } from '../store.js'

const root = mkdtempSync(join(tmpdir(), 'cooperage-trees-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const key = (letter: string): Digest => `sha256:${letter.repeat(64)}`
let stores = 0
const place = () => join(root, `store-${stores++}`)

async function unpacked(store: Store, letter: string): Promise<string> {
  const scratch = await store.trees.scratch()
  mkdirSync(join(scratch, 'files'))
  writeFileSync(join(scratch, 'files', 'f'), letter)
  const path = await store.trees.keep(join(scratch, 'files'), key(letter))
  rmSync(scratch, { recursive: true })
  return path
}

/** Makes a tree, a scratch and a cache in a store, and is killed. */
function crash(path: string): void {
  const module = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
  const script = `
    import { openStore } from ${JSON.stringify(module)}
    const store = await openStore({ path: ${JSON.stringify(path)} })
    await store.trees.scratch()
    process.kill(process.pid, 'SIGKILL')`
  spawnSync(process.execPath, ['--input-type=module', '-e', script])
}

describe('a tree', () => {
  let path: string
  let store: Store
  beforeAll(async () => {
    path = place()
    store = await openStore({ path })
  })
  afterAll(() => store[Symbol.asyncDispose]())

  it('is found when it is whole, by every opener', async () => {
    expect(await store.trees.find(key('a'))).toBeUndefined()
    const tree = await unpacked(store, 'a')
    expect(await store.trees.find(key('a'))).toBe(tree)
    await using other = await openStore({ path })
    expect(await other.trees.find(key('a'))).toBe(tree)
    expect(readdirSync(tree)).toEqual(['f'])
  })

  it('of two that are made at once stays the first, and the other one is left to its maker', async () => {
    const tree = await unpacked(store, 'b')
    const scratch = await store.trees.scratch()
    mkdirSync(join(scratch, 'files'))
    expect(await store.trees.keep(join(scratch, 'files'), key('b'))).toBe(tree)
    expect(existsSync(join(scratch, 'files'))).toBe(true)
    expect(readdirSync(tree)).toEqual(['f'])
  })

  it('that comes between two looks of who keeps the same one is not put aside, not for a moment', async () => {
    const moved: string[] = []
    let between: (() => Promise<unknown>) | undefined
    const fs: StoreFs = {
      ...nodeStoreFs,
      async lstat(at) {
        const meanwhile = dirname(at) === join(path, 'trees') ? between : undefined
        between = meanwhile === undefined ? between : undefined
        await meanwhile?.()
        return nodeStoreFs.lstat(at)
      },
      async rename(from, to) {
        moved.push(from)
        return nodeStoreFs.rename(from, to)
      },
    }
    await using slow = await openStore({ path, fs })
    const scratch = await slow.trees.scratch()
    mkdirSync(join(scratch, 'files'))
    between = () => unpacked(store, '9')
    const tree = await slow.trees.keep(join(scratch, 'files'), key('9'))
    expect(between).toBeUndefined()
    expect(moved).not.toContain(dirname(tree))
    expect(readdirSync(tree)).toEqual(['f'])
  })

  it('without its mark, or of another boot, is as good as none, and makes room', async () => {
    for (const [letter, mark] of [
      ['c', undefined],
      ['d', JSON.stringify({ key: key('d'), boot: 'another' })],
      ['e', '{'],
      ['f', JSON.stringify({ key: key('a') })],
    ] as const) {
      const box = dirname(await unpacked(store, letter))
      rmSync(join(box, 'COMPLETE'))
      if (mark !== undefined) writeFileSync(join(box, 'COMPLETE'), mark)
      expect(await store.trees.find(key(letter))).toBeUndefined()
      await unpacked(store, letter)
      expect(await store.trees.find(key(letter))).toBeDefined()
    }
  })

  it('can be taken away, changed and kept again', async () => {
    await unpacked(store, '1')
    const taken = (await store.trees.take(key('1')))!
    expect(await store.trees.find(key('1'))).toBeUndefined()
    writeFileSync(join(taken.directory, 'g'), '')
    const again = await store.trees.keep(taken.directory, key('1'))
    expect(readdirSync(again).sort()).toEqual(['f', 'g'])
    expect(readdirSync(taken.scratch)).toEqual([])
    expect(await store.trees.take(key('2'))).toBeUndefined()
  })
})

it('what a killed process leaves is told of, and what a living one has is not', async () => {
  const path = place()
  await using store = await openStore({ path })
  const own = await store.trees.scratch()
  crash(path)
  const left = readdirSync(join(path, 'trees')).map((name) => join(path, 'trees', name))
  expect(left).toHaveLength(2)
  expect(await store.trees.abandoned()).toEqual(left.filter((one) => one !== own))
})

describe('prune', () => {
  it('removes trees that no session holds, after their grace, and leftovers', async () => {
    const path = place()
    const old = await openStore({ path })
    const trees = [await unpacked(old, 'a'), await unpacked(old, 'b')]
    await old[Symbol.asyncDispose]()
    crash(path)
    await using store = await openStore({ path })
    expect(await store.trees.find(key('a'))).toBe(trees[0])
    expect(await store.prune({ grace: 0, dryRun: true })).toMatchObject({ trees: 1 })
    expect(await store.prune()).toMatchObject({ trees: 0 })
    expect(await store.prune({ grace: 0 })).toMatchObject({ trees: 1 })
    expect(trees.map((tree) => existsSync(tree))).toEqual([true, false])
    expect(readdirSync(join(path, 'trees')).filter((name) => !name.includes('tmp.'))).toHaveLength(1)
    expect(await store.trees.abandoned()).toEqual([])
  })

  it('spares caches, unless they were not used for long', async () => {
    const path = place()
    await using store = await openStore({ path })
    const request = { sharing: 'shared', signal: new AbortController().signal, fill: async () => {} } as const
    const lease = await store.caches.lease(key('a'), request)
    const lock = `${dirname(lease.path)}.lock`
    utimesSync(lock, 1000, 1000)
    expect(await store.prune({ grace: 0, unusedFor: 1000 })).toMatchObject({ caches: 0 })
    await lease[Symbol.asyncDispose]()
    expect(await store.prune({ grace: 0 })).toMatchObject({ caches: 0 })
    expect(await store.prune({ grace: 0, unusedFor: 1000 })).toMatchObject({ caches: 1 })
    expect(existsSync(lease.path)).toBe(false)
  })
})
