import assert from 'node:assert/strict'
import type { BlobStore } from '../blobs/blob-store.js'
import { type Digest, digestOf } from '../digest.js'
import { type ErrorCode, isCooperageError } from '../errors.js'
import { patternBytes } from './pattern-bytes.js'

/** One promise of `BlobStore`, as a check that any test runner can run. */
export interface BlobStoreCheck {
  /** A sentence of behaviour. */
  readonly name: string
  /** Throws an AssertionError when the store breaks the promise. Makes and disposes its own store. */
  run(makeStore: () => Promise<BlobStore>): Promise<void>
}

const MiB = 1 << 20
const ABSENT: Digest = `sha256:${'0'.repeat(64)}`

/** What every implementation of `BlobStore` must do. Loop over it with the runner of your choice. */
export function blobStoreChecks(): BlobStoreCheck[] {
  return Object.entries(CHECKS).map(([name, check]) => ({
    name,
    async run(makeStore) {
      await using store = await makeStore()
      await check(store)
    },
  }))
}

const CHECKS: Readonly<Record<string, (store: BlobStore) => Promise<void>>> = {
  'an absent blob is undefined to stat and E_BLOB_MISSING to every reader': async (store) => {
    assert.equal(await store.stat(ABSENT), undefined)
    await rejectsWith('E_BLOB_MISSING', () => collect(store.read(ABSENT)))
    await rejectsWith('E_BLOB_MISSING', () => store.readAll(ABSENT, 10))
    await rejectsWith('E_BLOB_MISSING', () => store.openRange(ABSENT))
    assert.equal(await store.remove(ABSENT), false)
  },
  'what is no digest is refused before it becomes a path': async (store) => {
    for (const text of ['sha256:../x', `sha256:${'A'.repeat(64)}`, 'md5:00', '']) {
      await rejectsWith('E_DIGEST', async () => store.stat(text as Digest))
      await rejectsWith('E_DIGEST', async () => collect(store.read(text as Digest)))
    }
  },
  'put stores small content under its digest, and again without harm': async (store) => {
    const bytes = patternBytes(1000, 1)
    const before = bytes.slice()
    assert.deepEqual(await store.put(bytes), { digest: digestOf(before), size: 1000 })
    assert.deepEqual(await store.put(bytes), { digest: digestOf(before), size: 1000 })
    assert.deepEqual(bytes, before, 'the content stays the caller’s')
    assert.deepEqual(await store.stat(digestOf(before)), { digest: digestOf(before), size: 1000 })
    assert.deepEqual(new Uint8Array(await store.readAll(digestOf(before), 1000)), before)
  },
  'empty content is a blob': async (store) => {
    const { digest, size } = await store.put(new Uint8Array(0))
    assert.equal(size, 0)
    assert.equal((await store.stat(digest))?.size, 0)
    assert.equal((await collect(store.read(digest))).length, 0)
  },
  'sizes around every boundary come back as they were': async (store) => {
    for (const size of [
      1,
      MiB - 1,
      MiB,
      MiB + 1,
      4 * MiB,
      4 * MiB + 1,
      8 * MiB - 1,
      8 * MiB,
      17 * MiB + 13,
    ]) {
      const bytes = patternBytes(size, size)
      const digest = digestOf(bytes)
      await using writer = await store.writer({ expect: { digest, size } })
      await writeInChunks(writer, bytes, 300_007)
      assert.deepEqual(await writer.commit(), { digest, size, existed: false })
      assert.ok(Buffer.from(bytes).equals(await collect(store.read(digest, { size }))), `${size} bytes`)
    }
  },
  'chunks of every size and kind make the same blob': async (store) => {
    const bytes = patternBytes(12 * MiB + 5, 7)
    const digest = digestOf(bytes)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    const kinds: Record<string, (from: number, to: number) => Uint8Array> = {
      'a buffer of its own': (from, to) => bytes.slice(from, to),
      'a view of something larger': (from, to) => bytes.subarray(from, to),
      'a Buffer of the pool': (from, to) => Buffer.from(bytes.subarray(from, to)),
      'shared memory': (from, to) => shared.subarray(from, to),
    }
    for (const [kind, cut] of Object.entries(kinds)) {
      for (const size of [512, 65_536, 3 * MiB]) {
        await store.remove(digest)
        await using writer = await store.writer()
        for (let at = 0; at < bytes.length; at += size)
          await writer.write(cut(at, Math.min(at + size, bytes.length)))
        assert.equal(writer.written, bytes.length)
        assert.equal((await writer.commit()).digest, digest, `${kind}, ${size} bytes`)
        assert.ok(Buffer.from(bytes).equals(await collect(store.read(digest))), `${kind}, ${size} bytes`)
      }
    }
    assert.equal(digestOf(bytes), digest, 'what was a view is unharmed')
  },
  'nothing is visible until commit, and nothing after an abort': async (store) => {
    for (const size of [1000, 9 * MiB]) {
      const bytes = patternBytes(size, 3)
      const digest = digestOf(bytes)
      {
        await using writer = await store.writer()
        await writeInChunks(writer, bytes, MiB)
        assert.equal(await store.stat(digest), undefined)
      }
      assert.equal(await store.stat(digest), undefined)
    }
    assert.deepEqual(await digests(store), [])
  },
  'content that exists is committed with success, and says so': async (store) => {
    for (const size of [1000, 9 * MiB]) {
      const bytes = patternBytes(size, 4)
      const expected = { digest: digestOf(bytes), size }
      for (const existed of [false, true]) {
        await using writer = await store.writer()
        await writeInChunks(writer, bytes, MiB)
        const first = writer.commit()
        assert.deepEqual(await first, { ...expected, existed })
        assert.deepEqual(
          await writer.commit(),
          { ...expected, existed },
          'a second commit answers as the first',
        )
      }
    }
  },
  'many writers of one content all succeed, and one of them made it': async (store) => {
    const bytes = patternBytes(5 * MiB, 5)
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        await using writer = await store.writer()
        await writeInChunks(writer, bytes, MiB)
        return writer.commit()
      }),
    )
    assert.equal(outcomes.filter(({ existed }) => !existed).length, 1)
    assert.deepEqual(await digests(store), [digestOf(bytes)])
  },
  'another digest or size than announced fails and leaves nothing': async (store) => {
    for (const size of [100, 9 * MiB]) {
      const bytes = patternBytes(size, 6)
      const cases: [ErrorCode, { digest?: Digest; size?: number }][] = [
        ['E_DIGEST_MISMATCH', { digest: ABSENT }],
        ['E_SIZE_MISMATCH', { size: size + 1 }],
        ['E_SIZE_MISMATCH', { size: size - 1 }],
        ['E_SIZE_MISMATCH', { size: 0 }],
      ]
      for (const [code, expect] of cases) {
        await using writer = await store.writer({ expect })
        await rejectsWith(code, async () => {
          await writeInChunks(writer, bytes, MiB)
          await writer.commit()
        })
      }
    }
    assert.deepEqual(await digests(store), [])
  },
  'sha512 is a digest as well': async (store) => {
    const bytes = patternBytes(3000, 8)
    const { createHash } = await import('node:crypto')
    const digest: Digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`
    await using writer = await store.writer({ expect: { digest } })
    await writer.write(bytes.slice())
    assert.equal((await writer.commit()).digest, digest)
    assert.deepEqual(new Uint8Array(await store.readAll(digest, 3000)), bytes)
  },
  'readAll stops at its limit': async (store) => {
    const { digest } = await store.put(patternBytes(1001, 9))
    await rejectsWith('E_LIMIT', () => store.readAll(digest, 1000))
  },
  'a size that the reader does not expect is refused before a byte': async (store) => {
    const { digest } = await store.put(patternBytes(1000, 10))
    await rejectsWith('E_SIZE_MISMATCH', () => collect(store.read(digest, { size: 999 })))
    assert.equal((await store.stat(digest))?.size, 1000, 'the mistake is the reader’s, the blob stays')
  },
  'ranges are exact, and end where the blob ends': async (store) => {
    const bytes = patternBytes(3 * MiB, 11)
    const { digest } = await store.put(bytes)
    await using range = await store.openRange(digest)
    assert.equal(range.size, bytes.length)
    for (const [offset, length] of [
      [0, 0],
      [0, 1],
      [MiB - 3, 7],
      [bytes.length - 1, 1],
      [bytes.length, 0],
      [0, bytes.length],
    ] as const) {
      const wanted = Buffer.from(bytes.subarray(offset, offset + length))
      assert.ok(wanted.equals(await range.read(offset, length)))
      const target = new Uint8Array(length)
      range.readSync(offset, target)
      assert.ok(wanted.equals(target))
    }
    for (const [offset, length] of [
      [bytes.length, 1],
      [-1, 1],
      [bytes.length - 1, 2],
    ] as const) {
      await rejectsWith('E_RANGE', () => range.read(offset, length))
      await rejectsWith('E_RANGE', async () => range.readSync(offset, new Uint8Array(length)))
    }
  },
  'a reader may stop early, and another may begin': async (store) => {
    const bytes = patternBytes(12 * MiB, 12)
    const { digest } = await store.put(bytes)
    for (let turn = 0; turn < 3; turn++) {
      for await (const chunk of store.read(digest)) {
        assert.ok(chunk.byteLength > 0)
        break
      }
    }
    assert.ok(Buffer.from(bytes).equals(await collect(store.read(digest))))
  },
  'chunks stay what they are when the next is asked for': async (store) => {
    const bytes = patternBytes(10 * MiB, 13)
    const { digest } = await store.put(bytes)
    const chunks: Uint8Array[] = []
    for await (const chunk of store.read(digest)) chunks.push(chunk)
    assert.ok(Buffer.from(bytes).equals(Buffer.concat(chunks)))
  },
  'list names every blob once, and remove takes it away': async (store) => {
    const infos = await Promise.all([1, 2, 3].map((seed) => store.put(patternBytes(seed * 100, seed))))
    assert.deepEqual(await digests(store), infos.map(({ digest }) => digest).sort())
    assert.equal(await store.remove(infos[0]!.digest), true)
    assert.equal(await store.remove(infos[0]!.digest), false)
    assert.deepEqual(await digests(store), [infos[1]!.digest, infos[2]!.digest].sort())
  },
  'an aborted signal ends writing and reading': async (store) => {
    const { digest } = await store.put(patternBytes(100, 14))
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await assert.rejects(() => collect(store.read(digest, { signal })), reason)
    const later = new AbortController()
    await using writer = await store.writer({ signal: later.signal })
    await writer.write(patternBytes(100, 15))
    later.abort(reason)
    await assert.rejects(() => writer.write(patternBytes(100, 16)), reason)
    assert.deepEqual(await digests(store), [digest])
  },
  'a writer that was ended takes no more': async (store) => {
    const writer = await store.writer()
    await writer.write(patternBytes(10, 17))
    await writer[Symbol.asyncDispose]()
    await writer[Symbol.asyncDispose]()
    await rejectsWith('E_WRITER_ENDED', () => writer.write(patternBytes(10, 17)))
    await rejectsWith('E_WRITER_ENDED', () => writer.commit())
  },
}

async function writeInChunks(
  writer: { write(chunk: Uint8Array): Promise<void> },
  bytes: Uint8Array,
  size: number,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) await writer.write(bytes.slice(at, at + size))
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk.slice())
  return Buffer.concat(parts)
}

async function digests(store: BlobStore): Promise<Digest[]> {
  const found: Digest[] = []
  for await (const { digest } of store.list()) found.push(digest)
  return found.sort()
}

async function rejectsWith(code: ErrorCode, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isCooperageError(error), `${code} expected, got ${String(error)}`)
    assert.equal(error.code, code)
    return true
  })
}
