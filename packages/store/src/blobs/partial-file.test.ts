import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../digest.js'
import { openStore, type Store } from '../store.js'
import { patternBytes } from '../testing/index.js'
import type { BlobWriter } from './blob-store.js'
import { nodeStoreFs } from './node-store-fs.js'
import type { StoreFs } from './store-fs.js'

const MiB = 1 << 20
const content = patternBytes(20 * MiB + 7, 1)
const digest = digestOf(content)
const size = content.length

let root: string
let store: Store
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cooperage-partial-'))
  store = await openStore({ path: root })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const path = () => join(root, 'ingest/partial', digest.replace(':', '-'))
/** The file of the one writer that is at it. */
function written(): string {
  const files = readdirSync(join(root, 'ingest'), { recursive: true }).map(String)
  return join(root, 'ingest', files.find((name) => name.endsWith(`-${digest.replace(':', '-')}`))!)
}
const resumable = { expect: { digest, size }, resumable: true }

async function write(writer: BlobWriter, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 65_536) await writer.write(content.slice(at, Math.min(at + 65_536, to)))
}

async function leave(bytes: number): Promise<void> {
  await using writer = await store.blobs.writer(resumable)
  expect(writer.written).toBe(0)
  await write(writer, 0, bytes)
}

async function finish(writer: BlobWriter): Promise<void> {
  await write(writer, writer.written, size)
  expect(await writer.commit()).toEqual({ digest, size, existed: false })
  expect(Buffer.from(await store.blobs.readAll(digest, size)).equals(content)).toBe(true)
  expect(existsSync(path())).toBe(false)
}

describe('a resumable writer', () => {
  it.each([1, MiB, 5 * MiB + 4321, 20 * MiB, size])('goes on after %i bytes', async (bytes) => {
    await leave(bytes)
    expect(await store.blobs.stat(digest)).toBeUndefined()
    await store[Symbol.asyncDispose]()
    store = await openStore({ path: root })
    await using writer = await store.blobs.writer(resumable)
    expect(writer.written).toBe(bytes)
    await finish(writer)
  })

  it('trusts no file of another mode, which is or was nearly a blob', async () => {
    await leave(15 * MiB)
    chmodSync(path(), 0o500)
    await using writer = await store.blobs.writer(resumable)
    expect(writer.written).toBe(0)
    await finish(writer)
  })

  it('has one name at any time, and one that cannot be left is no failure', async () => {
    const names: string[] = []
    const folder = join(root, 'ingest/partial')
    const rename: StoreFs['rename'] = async (from, to) => {
      if (!to.startsWith(folder)) return nodeStoreFs.rename(from, to)
      names.push(`${existsSync(from)} ${existsSync(to)}`)
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    await using full = await openStore({ path: root, fs: { ...nodeStoreFs, rename } })
    {
      await using writer = await full.blobs.writer(resumable)
      await write(writer, 0, 6 * MiB)
    }
    expect(names).toEqual(['true false', 'true false'])
    const left = readdirSync(join(root, 'ingest'), { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile())).toEqual([])
  })

  it('finds what a killed process was writing, and leaves alone what a living one writes', async () => {
    const start = async (then: string): Promise<ChildProcess> => {
      const module = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
      const script = `
        import { openStore } from ${JSON.stringify(module)}
        const store = await openStore({ path: ${JSON.stringify(root)} })
        const expect = { digest: ${JSON.stringify(digest)}, size: ${size} }
        const writer = await store.blobs.writer({ expect, resumable: true })
        const bytes = process.getBuiltinModule('node:fs').readFileSync(0)
        await writer.write(bytes)
        // What is written is in the file soon after; nothing tells when.
        setTimeout(() => ${then}, 500)`
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child.stdin!.end(content.subarray(0, 15 * MiB))
      return child
    }
    const alive = await start("(console.log('there'), setTimeout(() => {}, 60_000))")
    await once(alive.stdout!, 'data')
    {
      await using writer = await store.blobs.writer(resumable)
      expect(writer.written).toBe(0)
    }
    await once(await start("process.kill(process.pid, 'SIGKILL')"), 'exit')
    await using writer = await store.blobs.writer(resumable)
    expect(writer.written).toBe(15 * MiB)
    await finish(writer)
    alive.kill('SIGKILL')
    await once(alive, 'exit')
  })

  it('does not trust what was left: the digest of the whole decides, and the next one begins anew', async () => {
    await leave(10 * MiB)
    const other = readFileSync(path())
    other[5 * MiB]! ^= 1
    writeFileSync(path(), other)
    {
      await using writer = await store.blobs.writer(resumable)
      await write(writer, writer.written, size)
      await expect(writer.commit()).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH' })
    }
    expect(existsSync(path())).toBe(false)
    await using writer = await store.blobs.writer(resumable)
    expect(writer.written).toBe(0)
    await finish(writer)
  })

  it('does not touch what another one is writing', async () => {
    await using first = await store.blobs.writer(resumable)
    await write(first, 0, 6 * MiB)
    await using other = await openStore({ path: root })
    {
      await using second = await other.blobs.writer(resumable)
      expect(second.written).toBe(0)
      await write(second, 0, 7 * MiB)
    }
    await finish(first)
  })

  it('never writes to a blob, whose file still has the name of an unfinished one', async () => {
    await leave(size)
    await using writer = await store.blobs.writer({ expect: { digest, size } })
    await write(writer, 0, size)
    await writer.commit()
    // Killed between giving the blob its name and removing the other one.
    rmSync(path())
    linkSync(join(root, 'blobs/sha256', digest.slice(7, 9), digest.slice(7)), path())
    await using next = await store.blobs.writer(resumable)
    expect(next.written).toBe(0)
    await next.write(new Uint8Array(6 * MiB))
    await next[Symbol.asyncDispose]()
    expect(Buffer.from(await store.blobs.readAll(digest, size)).equals(content)).toBe(true)
  })

  it('begins anew when more is there than the blob has', async () => {
    await leave(size)
    appendFileSync(path(), 'x')
    await using writer = await store.blobs.writer(resumable)
    expect(writer.written).toBe(0)
    await finish(writer)
  })

  it('fails when the file becomes shorter under it', async () => {
    await leave(size)
    await using writer = await store.blobs.writer(resumable)
    truncateSync(written(), 100)
    await expect(writer.commit()).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(STORE_IO|DIGEST_MISMATCH)$/),
    })
    await writer[Symbol.asyncDispose]()
    expect(existsSync(path())).toBe(false)
  })

  it('keeps nothing of content that is too long', async () => {
    {
      await using writer = await store.blobs.writer(resumable)
      await write(writer, 0, size)
      await expect(writer.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH' })
    }
    expect(existsSync(path())).toBe(false)
  })

  it('leaves small content to memory', async () => {
    const small = patternBytes(MiB, 2)
    {
      await using writer = await store.blobs.writer({
        expect: { digest: digestOf(small), size: MiB },
        resumable: true,
      })
      await writer.write(small.slice(0, 1000))
    }
    expect(existsSync(join(root, 'ingest/partial'))).toBe(false)
  })

  it('is spared by the collector while it writes, however old its file; what is abandoned goes', async () => {
    const old = new Date(Date.now() - 86_400_000)
    await using writer = await store.blobs.writer(resumable)
    await write(writer, 0, 6 * MiB)
    const abandoned: Digest = `sha256:${'1'.repeat(64)}`
    {
      await using other = await store.blobs.writer({ expect: { digest: abandoned, size }, resumable: true })
      await write(other, 0, 6 * MiB)
    }
    const left = join(root, 'ingest/partial', abandoned.replace(':', '-'))
    const own = written()
    for (const file of [own, left]) utimesSync(file, old, old)
    await store.prune()
    expect([existsSync(own), existsSync(left)]).toEqual([true, false])
    await finish(writer)
  })
})
