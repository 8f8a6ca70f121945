import { execFile, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../packages/store/src/store.js'
import { compileStore } from './compiled-store.js'
import { isLong, sample } from './long.js'
import { storeDirectory } from './store-directory.js'

const run = promisify(execFile)

let compiled: ReturnType<typeof compileStore>
let script: string

// What a build does to a store: a layer beyond and one below the threshold of threads, a document, a record, a name.
const SCRIPT = `
import { openStore } from './out/store.js'
import { patternBytes } from './out/testing/pattern-bytes.js'
const [path, durability, seed, turns] = process.argv.slice(2)
try {
  const store = await openStore({ path, durability })
  for (let turn = 0; turn < Number(turns); turn++) {
    for (const size of [1000, 5 << 20]) {
      const bytes = patternBytes(size, Number(seed) + turn)
      const writer = await store.blobs.writer()
      try {
        for (let at = 0; at < size; at += 1 << 20) await writer.write(bytes.slice(at, at + (1 << 20)))
        const { digest } = await writer.commit()
        await store.records.put('step', 'key ' + turn, JSON.stringify({ blobs: [digest] }))
        await store.refs.set('app:' + turn, { descriptor: { mediaType: 'x', digest, size }, created: turn })
      } finally {
        await writer[Symbol.asyncDispose]()
      }
    }
  }
  await store[Symbol.asyncDispose]()
  console.log('done')
} catch (error) {
  console.log(JSON.stringify({ code: error.code, category: error.category, errno: error.data?.errno, path: error.data?.path }))
  process.exitCode = 2
}
`

beforeAll(() => {
  compiled = compileStore()
  script = join(compiled.directory, 'use.mjs')
  writeFileSync(script, SCRIPT)
})
afterAll(() => compiled?.remove())

/** What must hold at every moment, whatever happened: all that is visible is whole, and what names it finds it. */
async function expectSound(store: Store): Promise<number> {
  let count = 0
  for await (const { digest, size } of store.blobs.list()) {
    for await (const _ of store.blobs.read(digest, { size }));
    count++
  }
  for await (const { payload } of store.records.list('step')) JSON.parse(payload.toString())
  for (const { value } of await store.refs.list()) {
    expect(await store.blobs.stat(value.descriptor.digest as `sha256:${string}`)).toBeDefined()
  }
  return count
}

/** After the sweep nothing is left but blobs, records and names, and the next use succeeds with no help. */
async function expectUsable(path: string): Promise<void> {
  {
    await using store = await openStore({ path })
    await expectSound(store)
  }
  {
    await using store = await openStore({ path })
    await store.prune({ grace: 0 })
  }
  for (const name of ['ingest', 'trash', 'quarantine'])
    expect(await readdir(join(path, name)), name).toEqual([])
  const { stdout } = await run(process.execPath, [script, path, 'full', '1', '1'])
  expect(stdout).toBe('done\n')
}

describe('processes that share a store', () => {
  it('put the same blobs at once, eight of them, and each is there once and whole', async () => {
    const path = await storeDirectory()
    const users = Array.from({ length: 8 }, () => run(process.execPath, [script, path, 'full', '1', '4']))
    for (const { stdout } of await Promise.all(users)) expect(stdout).toBe('done\n')
    await using store = await openStore({ path })
    expect(await expectSound(store)).toBe(8)
    expect(await store.prune({ grace: 0 })).toMatchObject({ unfinished: 0 })
  })

  it('lose nothing that they named to a collector that never rests and spares nothing for its age', async () => {
    const path = await storeDirectory()
    let done = false
    const users = Promise.all(
      ['1', '3', '5', '7'].map((seed) => run(process.execPath, [script, path, 'none', seed, '6'])),
    ).finally(() => {
      done = true
    })
    await delay(50)
    await using collector = await openStore({ path })
    let prunes = 0
    for (; !done; prunes++) await collector.prune({ grace: 0 })
    for (const { stdout } of await users) expect(stdout).toBe('done\n')
    expect(prunes).toBeGreaterThan(1)
    await using store = await openStore({ path })
    await expectSound(store)
    expect(await store.refs.list()).toHaveLength(6)
  })

  it('leave only what can be swept when they are killed at any time', async () => {
    const path = await storeDirectory()
    for (let turn = 0; turn < 25; turn += isLong ? 1 : 3) {
      const child = spawn(process.execPath, [
        script,
        path,
        turn % 2 ? 'full' : 'none',
        String(turn * 100),
        '50',
      ])
      await delay(40 + turn * 14)
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await using store = await openStore({ path })
      await expectSound(store)
    }
    await expectUsable(path)
  })
})

/** Uses the store while one call at a time fails: in a thread pool of one thread, so that the count is exact. */
function runTraced(path: string, inject: string): SpawnSyncReturns<string> {
  const log = mkdtempSync(join(tmpdir(), 'cooperage-trace-'))
  const options = [
    '-f',
    '-qq',
    // Stops at the calls that are traced, and at no other.
    '--seccomp-bpf',
    '-o',
    join(log, 'log'),
    '-e',
    `trace=${inject.split(':')[0]}`,
    '-e',
    `inject=${inject}`,
  ]
  try {
    return spawnSync('strace', [...options, process.execPath, script, path, 'full', '1', '1'], {
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      encoding: 'utf8',
      timeout: 60_000,
    })
  } finally {
    rmSync(log, { recursive: true, force: true })
  }
}

const hasStrace = spawnSync('strace', ['-V']).status === 0
if (!hasStrace) console.log('no strace: the sweep of failing system calls does not run')

describe.runIf(hasStrace)('a store whose system calls fail', () => {
  const ANSWERS: Readonly<Record<string, string>> = {
    ENOSPC: 'E_NO_SPACE',
    EDQUOT: 'E_NO_SPACE',
    EIO: 'E_STORE_IO',
    EROFS: 'E_STORE_READ_ONLY',
    EMFILE: 'E_STORE_FILES',
  }
  const FAULTS: readonly (readonly [call: string, errno: string, points: readonly number[]])[] = [
    ['pwrite64', 'ENOSPC', [1, 2, 3, 4, 5, 7, 9, 11]],
    ['pwrite64', 'EIO', [3, 6, 8]],
    ['fsync', 'EIO', [1, 2, 3, 4, 5, 6, 7, 9, 11]],
    ['fsync', 'ENOSPC', [3, 5]],
    ['link', 'ENOSPC', [1, 2]],
    ['link', 'EIO', [1, 2]],
    ['link', 'EPERM', [1, 2]],
    ['rename', 'ENOSPC', [1, 2, 3, 4, 5]],
    ['rename', 'EIO', [1, 2, 4]],
    ['mkdir', 'EDQUOT', [1, 2, 5, 11, 12]],
    ['fchmod', 'EROFS', [1, 2]],
    ['unlink', 'EIO', [1, 2]],
  ]

  for (const [call, errno, points] of FAULTS) {
    it(`(${call}: ${errno}) says which, and shows nothing half-written`, async () => {
      let failures = 0
      for (const point of sample(points, 3)) {
        const path = await storeDirectory()
        const inject = `${call}:error=${errno}:when=${point}`
        const traced = runTraced(path, inject)
        const where = `${inject}: ${traced.stdout}${traced.stderr}`
        expect(traced.signal, where).toBeNull()
        if (traced.stdout !== 'done\n') {
          failures++
          const failure = JSON.parse(traced.stdout) as { code: string; errno: string; path: string }
          expect(failure.code, where).toBe(ANSWERS[errno])
          expect(failure.errno, where).toBe(errno)
          expect(failure.path, where).toContain(path)
        }
        await expectUsable(path)
      }
      // Without hard links the store renames; a temporary name that stays is the collector's.
      if (errno !== 'EPERM' && call !== 'unlink') expect(failures).toBeGreaterThan(0)
    })
  }

  const KILLS: readonly (readonly [call: string, points: readonly number[]])[] = [
    ['pwrite64', [1, 2, 3, 5, 8]],
    ['fsync', [2, 3, 4, 5, 6, 8, 10]],
    ['link', [1, 2]],
    ['rename', [1, 2, 3, 4, 5]],
    ['unlink', [1, 2, 3]],
    ['fchmod', [1, 2]],
  ]
  for (const [call, points] of KILLS) {
    it(`(${call}: killed) is swept and used again`, async () => {
      for (const point of sample(points, 2)) {
        const path = await storeDirectory()
        runTraced(path, `${call}:signal=KILL:when=${point}`)
        await expectUsable(path)
      }
    })
  }
})
