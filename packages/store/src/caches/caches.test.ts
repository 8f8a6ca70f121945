import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Digest } from '../digest.js'
import { openStore } from '../store.js'
import type { CacheLease, CacheRequest, CacheSharing } from './cache-store.js'

const root = mkdtempSync(join(tmpdir(), 'cooperage-caches-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const store = await openStore({ path: join(root, 'store') })
afterAll(() => store[Symbol.asyncDispose]())

let keys = 0
const newKey = (): Digest => `sha256:${String(keys++).padEnd(64, 'e')}`
const request = (sharing: CacheSharing, more: Partial<CacheRequest> = {}): CacheRequest => ({
  sharing,
  signal: new AbortController().signal,
  fill: async () => {},
  ...more,
})
const give = (lease: CacheLease) => lease[Symbol.asyncDispose]()

it('is filled once, and keeps what its users write', async () => {
  const key = newKey()
  let fills = 0
  const fill = async (directory: string) => {
    fills++
    writeFileSync(join(directory, 'seed'), '')
  }
  const first = await store.caches.lease(key, request('shared', { fill }))
  writeFileSync(join(first.path, 'more'), '')
  await give(first)
  const second = await store.caches.lease(key, request('private', { fill }))
  expect([second.path, fills, existsSync(join(second.path, 'more'))]).toEqual([first.path, 1, true])
  await give(second)
})

it('is filled again when that failed', async () => {
  const key = newKey()
  const fill = () => Promise.reject(new Error('no'))
  await expect(store.caches.lease(key, request('locked', { fill }))).rejects.toThrow('no')
  await give(await store.caches.lease(key, request('locked')))
})

it('is shared by those who share, and nobody else', async () => {
  const key = newKey()
  const one = await store.caches.lease(key, request('shared'))
  const two = await store.caches.lease(key, request('shared'))
  const alone = await store.caches.lease(key, request('private'))
  const other = await store.caches.lease(key, request('private'))
  expect(new Set([one.path, two.path]).size).toBe(1)
  expect(new Set([one.path, alone.path, other.path]).size).toBe(3)
  await Promise.all([one, two, alone, other].map(give))
})

it('is waited for when it is locked', async () => {
  const key = newKey()
  const first = await store.caches.lease(key, request('locked'))
  let waits = 0
  const second = store.caches.lease(key, request('locked', { onWait: () => waits++ }))
  await sleep(250)
  expect(waits).toBe(1)
  await give(first)
  const lease = await second
  expect(lease.path).toBe(first.path)
  await give(lease)
})

it('is waited for no longer than the caller wants', async () => {
  const key = newKey()
  const first = await store.caches.lease(key, request('locked'))
  const signal = AbortSignal.timeout(150)
  await expect(store.caches.lease(key, request('locked', { signal }))).rejects.toThrow()
  await give(first)
})

it('is free again when its user is killed', async () => {
  const key = newKey()
  const module = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
  const script = `
    import { openStore } from ${JSON.stringify(module)}
    const store = await openStore({ path: ${JSON.stringify(store.path)} })
    await store.caches.lease(${JSON.stringify(key)}, { sharing: 'locked', signal: new AbortController().signal, fill: async () => {} })
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  let waited = false
  const lease = store.caches.lease(key, request('locked', { onWait: () => (waited = true) }))
  await sleep(200)
  child.kill('SIGKILL')
  await give(await lease)
  expect(waited).toBe(true)
})

describe('a cache that is read', () => {
  const signal = new AbortController().signal
  const read = (key: Digest, patience = 0) => store.caches.read(key, { signal, patience })

  it('is absent before somebody used it, and nothing is made', async () => {
    const key = newKey()
    expect(await read(key)).toBe('absent')
    await expect(
      store.caches.lease(key, request('locked', { fill: () => Promise.reject(new Error('no')) })),
    ).rejects.toThrow()
    expect(await read(key)).toBe('absent')
  })

  it.each(['shared', 'private', 'locked'] as const)(
    'is waited for while a %s user writes to it',
    async (sharing) => {
      const key = newKey()
      const writer = await store.caches.lease(key, request(sharing))
      expect(await read(key, 150)).toBe('busy')
      const reading = read(key, 60_000)
      await sleep(150)
      await give(writer)
      const lease = await reading
      expect(lease).toMatchObject({ path: writer.path })
      await give(lease as CacheLease)
    },
  )

  it('may be shared meanwhile, and locked afterwards', async () => {
    const key = newKey()
    await give(await store.caches.lease(key, request('shared')))
    const reader = (await read(key)) as CacheLease
    const beside = await store.caches.lease(key, request('shared'))
    expect(beside.path).toBe(reader.path)
    await give(beside)
    const waiting = new AbortController()
    const locked = store.caches.lease(
      key,
      request('locked', { signal: waiting.signal, onWait: () => waiting.abort() }),
    )
    await expect(locked).rejects.toThrow()
    await give(reader)
    await give(await store.caches.lease(key, request('locked')))
  })

  it('is the first one, not those that users have made who want one alone', async () => {
    const key = newKey()
    const one = await store.caches.lease(key, request('private'))
    const two = await store.caches.lease(key, request('private'))
    await Promise.all([one, two].map(give))
    const lease = (await read(key)) as CacheLease
    expect(lease.path).toBe(one.path)
    await give(lease)
  })
})
