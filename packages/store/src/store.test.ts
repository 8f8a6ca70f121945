import { constants } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../test/store-directory.js'
import { nodeStoreFs } from './blobs/node-store-fs.js'
import type { StoreFs } from './blobs/store-fs.js'
import { digestOf } from './digest.js'
import { openStore } from './store.js'
import { patternBytes } from './testing/index.js'

describe('openStore', () => {
  it('makes a store for its owner alone, with every directory above it, whatever the umask', async () => {
    const path = join(await storeDirectory(), 'a', 'b')
    for (const umask of [0o000, 0o022, 0o077]) {
      const before = process.umask(umask)
      const one = join(await storeDirectory(), 'x')
      try {
        // Only the store itself can be made right: directories above it belong to the user.
        process.umask(0o022)
        await mkdir(join(one, '..'))
        process.umask(umask)
        await using _store = await openStore({ path: one })
      } finally {
        process.umask(before)
      }
      expect((await stat(one)).mode & 0o777).toBe(0o700)
    }
    await using store = await openStore({ path })
    expect(store.path).toBe(path)
    expect(await readFile(join(path, 'VERSION'), 'utf8')).toBe('1\n')
    expect(store.notices).toEqual([])
  })

  it('opens what another opened, and at the same time', async () => {
    const path = await storeDirectory()
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStore({ path })))
    const { digest } = await stores[0]!.blobs.put(patternBytes(10, 1))
    for (const store of stores) {
      expect(await store.blobs.stat(digest)).toEqual({ digest, size: 10 })
      await store[Symbol.asyncDispose]()
    }
    expect(await readdir(join(path, 'sessions'))).toEqual([])
    expect(await readdir(join(path, 'ingest'))).toEqual([])
  })

  it('follows a symbolic link to the store', async () => {
    const path = await storeDirectory()
    await using _first = await openStore({ path })
    await symlink(path, `${path}-link`)
    await using store = await openStore({ path: `${path}-link` })
    expect(store.path).toBe(path)
  })

  it('writes nothing for one who only opens and reads', async () => {
    const path = await storeDirectory()
    {
      await using store = await openStore({ path })
      await store.blobs.put(patternBytes(10, 1))
    }
    await using store = await openStore({ path })
    for await (const { digest } of store.blobs.list()) await store.blobs.readAll(digest, 100)
    await store.refs.list()
    expect(await readdir(join(path, 'sessions'))).toEqual([])
  })

  it('refuses a version it does not know, and writes nothing', async () => {
    for (const version of ['2\n', '1', '', 'garbage', '1\n\n', '99999999\n']) {
      const path = await storeDirectory()
      await mkdir(path, { mode: 0o700 })
      await writeFile(join(path, 'VERSION'), version)
      await expect(openStore({ path })).rejects.toMatchObject({ code: 'E_STORE_VERSION', category: 'store' })
      expect(await readdir(path)).toEqual(['VERSION'])
    }
  })

  it('refuses what is not a store, and leaves it alone', async () => {
    const file = await storeDirectory()
    await writeFile(file, '')
    await expect(openStore({ path: file })).rejects.toMatchObject({ code: 'E_STORE_NOT_A_DIRECTORY' })
    await expect(openStore({ path: join(file, 'x') })).rejects.toMatchObject({
      code: 'E_STORE_NOT_A_DIRECTORY',
    })
    const home = await storeDirectory()
    await mkdir(home)
    await writeFile(join(home, '.profile'), '')
    await expect(openStore({ path: home })).rejects.toMatchObject({ code: 'E_STORE_NOT_A_STORE' })
    expect(await readdir(home)).toEqual(['.profile'])
    const open = await storeDirectory()
    await mkdir(open)
    await chmod(open, 0o777)
    await expect(openStore({ path: open })).rejects.toMatchObject({ code: 'E_STORE_PERMISSIONS' })
  })

  it('refuses a store of another owner', async () => {
    const path = await storeDirectory()
    await mkdir(path)
    const user = process.geteuid!()
    const other: StoreFs =
      user === 0
        ? nodeStoreFs
        : { ...nodeStoreFs, lstat: async (at) => ({ ...(await nodeStoreFs.lstat(at)), uid: user + 1 }) }
    if (user === 0) await chown(path, 65534, 65534)
    await expect(openStore({ path, fs: other })).rejects.toMatchObject({ code: 'E_STORE_OWNER' })
  })

  it('says so when the store is on a network file system, where it is always durable', async () => {
    const path = await storeDirectory()
    const network: StoreFs = {
      ...nodeStoreFs,
      statfs: async (at) => ({ ...(await nodeStoreFs.statfs(at)), type: 0x6969 }),
    }
    await using store = await openStore({ path, fs: network, durability: 'none' })
    expect(store.notices).toMatchObject([
      { code: 'network-file-system', message: expect.stringContaining('`cooper prune` needs --exclusive') },
    ])
    await store.blobs.put(patternBytes(10, 1))
    expect(await readdir(join(path, 'unsynced'))).toEqual([])
    await expect(store.prune()).rejects.toMatchObject({ code: 'E_STORE_BUSY' })
    expect(await store.prune({ exclusive: true })).toMatchObject({ removed: 0, kept: 1 })
  })

  it('refuses a write that cannot fit before its first byte', async () => {
    const full: StoreFs = {
      ...nodeStoreFs,
      statfs: async (at) => ({ ...(await nodeStoreFs.statfs(at)), available: 20 << 20, total: 100 << 20 }),
    }
    await using store = await openStore({ path: await storeDirectory(), fs: full })
    await expect(store.blobs.writer({ expect: { size: 19 << 20 } })).rejects.toMatchObject({
      code: 'E_NO_SPACE',
      hint: expect.stringContaining('`cooper prune --grace 0s`'),
      data: { have: 20 << 20 },
    })
    await using _small = await store.blobs.writer({ expect: { size: 16 << 20 } })
  })

  it('distrusts what another boot did not sync, until it has read it', async () => {
    const path = await storeDirectory()
    const sound = patternBytes(5000, 1)
    const torn = patternBytes(5000, 2)
    {
      await using store = await openStore({ path, durability: 'none' })
      await store.blobs.put(sound)
      await store.blobs.put(torn)
    }
    const file = (bytes: Uint8Array) => {
      const hex = digestOf(bytes).slice(7)
      return join(path, 'blobs', 'sha256', hex.slice(0, 2), hex)
    }
    expect((await stat(file(sound))).mode & 0o777).toBe(0o400)
    await chmod(file(torn), 0o600)
    await writeFile(file(torn), Buffer.alloc(5000))
    await chmod(file(torn), 0o400)
    {
      await using same = await openStore({ path })
      expect(await same.blobs.stat(digestOf(torn)), 'in the same boot the kernel is believed').toBeDefined()
    }
    // As it looks after a power cut: the mark is of another boot.
    const [boot] = await readdir(join(path, 'unsynced'))
    const { rename } = await import('node:fs/promises')
    await rename(join(path, 'unsynced', boot!), join(path, 'unsynced', 'another-boot'))
    await using store = await openStore({ path })
    expect(await store.blobs.stat(digestOf(torn))).toBeUndefined()
    expect(await store.blobs.stat(digestOf(sound))).toEqual({ digest: digestOf(sound), size: 5000 })
    expect((await stat(file(sound))).mode & 0o777, 'promoted').toBe(0o444)
    await store.prune()
    expect(await readdir(join(path, 'unsynced')), 'nothing is left to distrust').toEqual([])
  })

  it('can be read where it cannot be written, and says so to whoever writes', async () => {
    const path = await storeDirectory()
    const bytes = patternBytes(5000, 1)
    {
      await using store = await openStore({ path })
      const { digest } = await store.blobs.put(bytes)
      await store.records.put('step', 'key', JSON.stringify({ blobs: [digest] }))
      await store.refs.set('app', { descriptor: { mediaType: 'x', digest, size: 5000 }, created: 0 })
    }
    const refuse = (syscall: string) => async (): Promise<never> => {
      throw Object.assign(new Error(`EROFS: read-only file system, ${syscall}`), {
        code: 'EROFS',
        errno: -30,
        syscall,
      })
    }
    const readOnly: StoreFs = {
      ...nodeStoreFs,
      open: (at, flags, mode) =>
        (flags & (constants.O_WRONLY | constants.O_RDWR)) === 0
          ? nodeStoreFs.open(at, flags, mode)
          : refuse('open')(),
      mkdir: refuse('mkdir'),
      link: refuse('link'),
      rename: refuse('rename'),
      unlink: refuse('unlink'),
      utimes: refuse('utimes'),
      chmod: refuse('chmod'),
    }
    await using store = await openStore({ path, fs: readOnly })
    const digest = digestOf(bytes)
    expect(await store.blobs.stat(digest)).toEqual({ digest, size: 5000 })
    expect(await store.blobs.readAll(digest, 5000)).toHaveLength(5000)
    expect(await store.records.get('step', 'key')).toBeDefined()
    expect(await store.refs.get('app')).toBeDefined()
    const refusal = { code: 'E_STORE_READ_ONLY', category: 'store', data: { errno: 'EROFS' } }
    await expect(store.blobs.put(patternBytes(10, 2))).rejects.toMatchObject(refusal)
    await expect(store.records.put('step', 'key', '')).rejects.toMatchObject(refusal)
    await expect(store.refs.delete('app')).rejects.toMatchObject(refusal)
    await expect(store.prune()).rejects.toMatchObject(refusal)
  })

  it('serves no one after it was disposed', async () => {
    const store = await openStore({ path: await storeDirectory() })
    await store.blobs.put(patternBytes(10, 1))
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await expect(store.blobs.put(patternBytes(10, 2))).rejects.toMatchObject({ code: 'E_STORE_CLOSED' })
    await expect(store.records.put('step', 'key', '')).rejects.toMatchObject({ code: 'E_STORE_CLOSED' })
  })
})
