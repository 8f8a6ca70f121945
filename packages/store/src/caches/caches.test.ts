import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
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
