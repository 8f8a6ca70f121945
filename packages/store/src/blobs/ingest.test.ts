import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../digest.js'
import { BlobThreads } from './blob-threads.js'
import { DirectIngest } from './direct-ingest.js'
import type { Ingest, NativeIngestOptions } from './ingest.js'
import { ThreadedIngest } from './threaded-ingest.js'

const threads = new BlobThreads()
const kinds: [string, (options: NativeIngestOptions) => Ingest][] = [
  ['on another thread', (options) => new ThreadedIngest({ ...options, threads })],
  ['at once', (options) => new DirectIngest(options)],
]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cooperage-ingest-'))
})
afterEach(() => rm(folder, { recursive: true }))

function bytesFrom(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length).fill(seed)
  for (let at = 0; at < length; at += 1009) bytes[at] = at % 251
  return bytes
}

describe.each(kinds)('blocks that are hashed and written %s', (_, make) => {
  async function begin(
    had: Uint8Array,
    more: Partial<NativeIngestOptions> = {},
  ): Promise<{ path: string; ingest: Ingest; spares: ArrayBuffer[]; close: () => Promise<void> }> {
    const path = join(folder, 'blob')
    const file = await open(path, 'w+')
    await file.write(had)
    const spares: ArrayBuffer[] = []
    const ingest = make({
      fd: file.fd,
      algorithm: 'sha256',
      flush: true,
      have: had.length,
      onSpare: (buffer) => spares.push(buffer),
      ...more,
    })
    return { path, ingest, spares, close: () => file.close() }
  }

  it('are in the file, in their order, and in the digest', async () => {
    const { path, ingest, spares, close } = await begin(new Uint8Array(0))
    const blocks = Array.from({ length: 40 }, (_, index) => bytesFrom(index, 1 << 20))
    const whole = Buffer.concat(blocks)
    for (const [index, block] of blocks.entries()) {
      ingest.push(block, index % 2 === 0)
      await ingest.ready()
    }
    expect(await ingest.finish()).toBe(digestOf(whole))
    await ingest.abandon()
    await close()
    expect(whole.equals(await readFile(path))).toBe(true)
    expect(spares.map(({ byteLength }) => byteLength)).toEqual(Array(20).fill(1 << 20))
  })

  it('follow what the file has already, also when they come while that is hashed', async () => {
    const had = bytesFrom(7, (5 << 20) + 3)
    const { path, ingest, close } = await begin(had)
    const blocks = [bytesFrom(8, 1 << 20), bytesFrom(9, 12_345)]
    const whole = Buffer.concat([had, ...blocks])
    for (const block of blocks) ingest.push(block, false)
    await ingest.ready()
    expect(await ingest.finish()).toBe(digestOf(whole))
    await close()
    expect(whole.equals(await readFile(path))).toBe(true)
  })

  it('fail when the file has less than was said', async () => {
    const { ingest, close } = await begin(bytesFrom(1, 10), { have: 11 })
    ingest.push(bytesFrom(2, 10), false)
    await expect(ingest.finish()).rejects.toThrow('cut')
    await ingest.abandon()
    await close()
  })

  it('fail with what the kernel says, once for all that follow', async () => {
    const readable = await open(process.execPath, 'r')
    const options = { algorithm: 'sha256', flush: false, have: 0, onSpare: () => {} } as const
    const ingest = make({ ...options, fd: readable.fd })
    ingest.push(bytesFrom(1, 100), false)
    await expect(ingest.finish()).rejects.toMatchObject({ code: 'EBADF', syscall: 'write' })
    ingest.push(bytesFrom(1, 100), false)
    await expect(ingest.ready()).rejects.toMatchObject({ code: 'EBADF' })
    await ingest.abandon()
    await readable.close()
  })

  it('can be left at any time, and what was pushed before is in the file', async () => {
    const { path, ingest, close } = await begin(new Uint8Array(0))
    ingest.push(bytesFrom(3, 1 << 20), false)
    await ingest.abandon()
    await ingest.abandon()
    // The descriptor is no longer its own.
    ingest.push(bytesFrom(4, 1 << 20), false)
    await close()
    expect(digestOf(await readFile(path))).toBe(digestOf(bytesFrom(3, 1 << 20)))
  })

  it('that are left while a beginning is hashed keep no more than that', async () => {
    const had = bytesFrom(5, 8 << 20)
    const { path, ingest, close } = await begin(had)
    ingest.push(bytesFrom(6, 1 << 20), false)
    await ingest.abandon()
    ingest.push(bytesFrom(7, 1 << 20), false)
    await close()
    const kept = await readFile(path)
    expect(kept.subarray(0, had.length).equals(had)).toBe(true)
  })
})
