import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { nodeStoreFs } from '../blobs/node-store-fs.js'
import { ownProcessMark } from '../blobs/process-mark.js'
import type { StoreFs } from '../blobs/store-fs.js'
import type { Digest } from '../digest.js'
import { MediaType } from '../image/types.js'
import { openStore, type Store } from '../store.js'
import { patternBytes } from '../testing/index.js'

const descriptor = (digest: Digest, size = 1) => ({ mediaType: MediaType.ociManifest, digest, size })

async function putJson(store: Store, value: unknown): Promise<Digest> {
  return (await store.blobs.put(Buffer.from(JSON.stringify(value)))).digest
}

async function digests(store: Store): Promise<Digest[]> {
  const found: Digest[] = []
  for await (const { digest } of store.blobs.list()) found.push(digest)
  return found.sort()
}

/** Fills a store in a session that has ended when this resolves. */
async function filled<T>(path: string, fill: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openStore({ path })
  return await fill(store)
}

describe('prune', () => {
  it('keeps what names and steps reach, through index, manifest and config, and removes the rest', async () => {
    const path = await storeDirectory()
    const { kept, dropped } = await filled(path, async (store) => {
      const put = async (seed: number) => (await store.blobs.put(patternBytes(100, seed))).digest
      const [layer, other, step, extra, loose, derived] = await Promise.all([1, 2, 3, 4, 5, 6].map(put))
      const config = await putJson(store, {
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [loose] },
      })
      const manifest = await putJson(store, {
        config: descriptor(config),
        layers: [descriptor(layer!), descriptor(other!)],
      })
      const inner = await putJson(store, { manifests: [descriptor(manifest)] })
      const index = await putJson(store, {
        manifests: [descriptor(inner), { digest: 'garbage' }, null],
        layers: 7,
      })
      await store.refs.set('app', { descriptor: descriptor(index), created: 0, blobs: [extra!] })
      await store.refs.set('dangling', { descriptor: descriptor(`sha256:${'0'.repeat(64)}`), created: 0 })
      await store.records.put('step', 'kept', JSON.stringify({ blobs: [step, 'garbage'] }))
      await store.records.put('step', 'garbage', 'no json')
      await store.records.put(
        'layer-compressed',
        'derived',
        JSON.stringify({ descriptor: descriptor(derived!) }),
      )
      await store.records.put('layer-compressed', 'kept', JSON.stringify({ descriptor: descriptor(layer!) }))
      await store.records.put('stat-cache', 'other', JSON.stringify({ blobs: [loose] }))
      return {
        kept: [layer, other, step, extra, config, manifest, inner, index].sort(),
        dropped: [loose, derived],
      }
    })
    await using store = await openStore({ path })
    expect(await store.prune()).toMatchObject({ removed: 0, kept: 10 })
    const dry = await store.prune({ grace: 0, dryRun: true })
    expect(dry).toMatchObject({ removed: 2, bytes: 200, kept: 8, records: 1 })
    expect(await digests(store)).toHaveLength(10)
    expect(await store.prune({ grace: 0 })).toEqual(dry)
    expect(await digests(store)).toEqual(kept)
    for (const digest of dropped) expect(await store.blobs.stat(digest!)).toBeUndefined()
    expect(await store.records.get('layer-compressed', 'derived')).toBeUndefined()
    expect(await store.records.get('layer-compressed', 'kept')).toBeDefined()
    expect(await store.records.get('stat-cache', 'other')).toBeDefined()
    expect(await store.refs.get('app')).toBeDefined()
    expect(await readdir(join(path, 'trash'))).toEqual([])
  })

  it('removes nothing while a name cannot be read, and says which', async () => {
    const path = await storeDirectory()
    const digest = await filled(path, async (store) => {
      const { digest } = await store.blobs.put(patternBytes(100, 1))
      await store.refs.set('app', { descriptor: descriptor(digest), created: 0 })
      await store.records.put('step', 'key', JSON.stringify({ blobs: [digest] }))
      return digest
    })
    const file = join(path, 'refs', 'app')
    await writeFile(file, 'garbage\n')
    await using store = await openStore({ path })
    for (const dryRun of [true, false]) {
      await expect(store.prune({ grace: 0, unusedFor: 0, dryRun })).rejects.toMatchObject({
        code: 'E_STORE_CORRUPT',
        message: `the name app cannot be read: ${file} is damaged`,
        data: { path: file, files: [file] },
      })
    }
    expect(await digests(store)).toEqual([digest])
    await store.refs.set('app', { descriptor: descriptor(digest), created: 0 })
    expect(await store.prune({ grace: 0, unusedFor: 0 })).toMatchObject({ removed: 0, kept: 1, records: 1 })
  })

  it('drops steps that were not used for long, and what only they kept', async () => {
    const path = await storeDirectory()
    await filled(path, async (store) => {
      for (const seed of [1, 2]) {
        const { digest } = await store.blobs.put(patternBytes(100, seed))
        await store.records.put('step', `key ${seed}`, JSON.stringify({ blobs: [digest] }))
      }
      for await (const { keyHash } of store.records.list('step')) {
        await utimes(join(path, 'records', 'step', keyHash.slice(0, 2), keyHash), 1000, 1000)
        break
      }
    })
    await using store = await openStore({ path })
    expect(await store.prune({ grace: 0, unusedFor: 60_000 })).toMatchObject({
      removed: 1,
      kept: 1,
      records: 1,
    })
    expect(await store.prune({ grace: 0, unusedFor: 0 })).toMatchObject({ removed: 1, kept: 0, records: 1 })
  })

  it('never touches what a living session of another process holds, and does when that was killed', async () => {
    for (const fs of [nodeStoreFs, { ...nodeStoreFs, native: false } satisfies StoreFs]) {
      const path = await storeDirectory()
      const digest = await filled(path, async (store) => (await store.blobs.put(patternBytes(100, 1))).digest)
      // A session as the other process would leave it: with a lock held by that process, or by its mark.
      const id = 'other'
      const roots = join(path, 'sessions', `${id}.roots`)
      const holder = spawn('flock', ['-x', roots, 'sh', '-c', 'echo locked; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      })
      const mark = { ...ownProcessMark(), pid: holder.pid, locked: fs.native, started: undefined }
      await writeFile(roots, `${JSON.stringify(mark)}\n${digest}\n`)
      await once(holder.stdout, 'data')
      await mkdir(join(path, 'ingest', id))
      await writeFile(join(path, 'ingest', id, '0'), 'unfinished')
      await using store = await openStore({ path, fs })
      expect(await store.prune({ grace: 0 })).toMatchObject({ removed: 0, unfinished: 0 })
      await expect(store.prune({ exclusive: true })).rejects.toMatchObject({ code: 'E_STORE_BUSY' })
      // The lock is inherited by what runs under it: all of the group ends.
      process.kill(-holder.pid!, 'SIGKILL')
      await once(holder, 'close')
      expect(await store.prune({ grace: 0 })).toMatchObject({ removed: 1, unfinished: 1 })
      expect(await readdir(join(path, 'sessions'))).toEqual([])
      expect(await readdir(join(path, 'ingest'))).toEqual([])
    }
  })

  it('spares what is young, and trusts no time in the future', async () => {
    const path = await storeDirectory()
    const digest = await filled(path, async (store) => (await store.blobs.put(patternBytes(100, 1))).digest)
    const file = join(path, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7))
    await utimes(file, Date.now() / 1000 + 1e6, Date.now() / 1000 + 1e6)
    await using store = await openStore({ path })
    expect(await store.prune({ grace: 1 })).toMatchObject({ removed: 0 })
    expect(await store.prune({ grace: 0 })).toMatchObject({ removed: 1 })
  })

  it('puts back what a killed collector had in its trash', async () => {
    const path = await storeDirectory()
    const digest = await filled(path, async (store) => (await store.blobs.put(patternBytes(100, 1))).digest)
    await mkdir(join(path, 'trash', 'killed'))
    const file = join(path, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7))
    await rename(file, join(path, 'trash', 'killed', digest.replace(':', '-')))
    await using store = await openStore({ path })
    expect(await digests(store)).toEqual([])
    expect(await store.prune()).toMatchObject({ removed: 0, kept: 1 })
    expect(await store.blobs.stat(digest)).toBeDefined()
    expect(await readdir(join(path, 'trash'))).toEqual([])
  })

  it('hides nothing from one who asks for a blob that lies in the trash of a killed collector', async () => {
    const path = await storeDirectory()
    const digest = await filled(path, async (store) => (await store.blobs.put(patternBytes(100, 1))).digest)
    await mkdir(join(path, 'trash', 'killed'))
    const file = join(path, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7))
    await rename(file, join(path, 'trash', 'killed', digest.replace(':', '-')))
    await using store = await openStore({ path })
    expect(await store.blobs.stat(digest)).toBeDefined()
    expect(await store.blobs.readAll(digest, 100)).toHaveLength(100)
    expect(await store.prune()).toMatchObject({ removed: 0, kept: 1 })
    expect(await readdir(join(path, 'trash'))).toEqual([])
  })

  it('gives back a blob that is used, by a session or by one that came and went, while it is being removed', async () => {
    for (const cameAndWent of [false, true]) {
      const path = await storeDirectory()
      const digest = await filled(path, async (store) => (await store.blobs.put(patternBytes(100, 1))).digest)
      await using user = await openStore({ path })
      let used = false
      const meanwhile: StoreFs = {
        ...nodeStoreFs,
        async rename(from, to) {
          if (!used && to.includes('/trash/')) {
            used = true
            // The last moment at which the blob can still be found.
            expect(await user.blobs.stat(digest)).toBeDefined()
            if (cameAndWent) await user[Symbol.asyncDispose]()
          }
          await nodeStoreFs.rename(from, to)
        },
      }
      await using store = await openStore({ path, fs: meanwhile })
      expect(await store.prune({ grace: 0 })).toMatchObject({ removed: 0, kept: 1 })
      expect(used).toBe(true)
      expect(await store.blobs.stat(digest)).toBeDefined()
    }
  })

  it('lets one collector work at a time', async () => {
    for (const fs of [nodeStoreFs, { ...nodeStoreFs, native: false } satisfies StoreFs]) {
      const path = await storeDirectory()
      await using store = await openStore({ path, fs })
      let inner: unknown
      const slow: StoreFs = {
        ...fs,
        async readdir(at) {
          if (at.endsWith('/ingest')) inner = await store.prune().catch((error: unknown) => error)
          return nodeStoreFs.readdir(at)
        },
      }
      await using other = await openStore({ path, fs: slow })
      await other.prune()
      expect(inner).toMatchObject({ code: 'E_STORE_BUSY' })
      await store.prune()
    }
  })

  it('removes nothing that writers beside it are committing', async () => {
    const path = await storeDirectory()
    await using collector = await openStore({ path })
    let done = false
    const writing = Promise.all(
      [1, 2, 3].map(async (worker) => {
        for (let turn = 0; turn < 40; turn++) {
          await using store = await openStore({ path, durability: 'none' })
          const { digest } = await store.blobs.put(patternBytes(500, turn % 10))
          const manifest = await putJson(store, { layers: [descriptor(digest)], worker, turn })
          await store.refs.set(`app:${worker}`, { descriptor: descriptor(manifest), created: turn })
          expect(await store.blobs.stat(digest)).toBeDefined()
          expect(await store.blobs.stat(manifest)).toBeDefined()
        }
      }),
    ).finally(() => {
      done = true
    })
    let prunes = 0
    while (!done) {
      await collector.prune({ grace: 0 })
      prunes++
      for (const { name } of await collector.refs.list()) expect(name).toMatch(/^app:/)
    }
    await writing
    expect(prunes).toBeGreaterThan(3)
    for (const { value } of await collector.refs.list()) {
      const manifest = JSON.parse(
        Buffer.from(await collector.blobs.readAll(value.descriptor.digest as Digest, 1e6)).toString(),
      ) as { layers: { digest: Digest }[] }
      expect(await collector.blobs.stat(manifest.layers[0]!.digest)).toBeDefined()
    }
  })
})
