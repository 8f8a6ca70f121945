import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decompressed } from './decompress.js'
import { gzipStream } from './gzip-stream.js'

async function* chunks(bytes: Uint8Array, size = 65536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size))
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of stream) parts.push(Uint8Array.from(chunk))
  return Buffer.concat(parts)
}

/** Text-like bytes that do not depend on anything. */
function sample(length: number): Buffer {
  const out = Buffer.alloc(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    out[i] = state % 97 < 60 ? 0x61 + (i % 13) : state >> 16
  }
  return out
}

const data = sample(3_300_000)

test('gzip blocks join to one member that every reader takes', async () => {
  for (const level of [0, 1, 6, 9]) {
    const compressed = await collect(gzipStream(chunks(data), { level }))
    expect(gunzipSync(compressed).equals(data)).toBe(true)
    expect(execFileSync('gzip', ['-dc'], { input: compressed, maxBuffer: 1e8 }).equals(data)).toBe(true)
    expect([...compressed.subarray(0, 10)]).toEqual([
      0x1f,
      0x8b,
      8,
      0,
      0,
      0,
      0,
      0,
      { 9: 2, 1: 4 }[level] ?? 0,
      255,
    ])
  }
})

test('blocks cost less than one percent over a single run', async () => {
  const compressed = await collect(gzipStream(chunks(data)))
  expect(compressed.length).toBeLessThan(deflateRawSync(data).length * 1.01)
})

test('the bytes do not depend on how the source is cut', async () => {
  const digest = async (size: number) =>
    createHash('sha256')
      .update(await collect(gzipStream(chunks(data, size))))
      .digest('hex')
  expect(await digest(1000)).toBe(await digest(1 << 20))
  expect(await digest(777_777)).toBe(await digest(data.length))
})

test('empty and block-sized content compress', async () => {
  for (const length of [0, 1, 1 << 20, 2 << 20]) {
    const content = data.subarray(0, length)
    expect(gunzipSync(await collect(gzipStream(chunks(content)))).equals(content)).toBe(true)
  }
})

const compressed = gzipSync(data)

test('content is found by its first bytes, in chunks of any size', async () => {
  for (const size of [1, 7, 65536, 1 << 24]) {
    const small = gzipSync('hello')
    expect((await collect(decompressed(chunks(small, size)))).toString()).toBe('hello')
    expect((await collect(decompressed(chunks(Buffer.from('plain'), size)))).toString()).toBe('plain')
  }
  expect((await collect(decompressed(chunks(compressed)))).equals(data)).toBe(true)
  expect(await collect(decompressed(chunks(Buffer.alloc(0))))).toHaveLength(0)
})

test('several members and zero padding are one content, wherever the chunks end', async () => {
  const a = gzipSync('one ')
  const b = gzipSync('two')
  const whole = Buffer.concat([a, b, gzipSync(''), Buffer.alloc(1000)])
  for (const size of [1, 3, a.length, a.length + b.length, a.length + b.length + 20 + 4, 5000]) {
    expect((await collect(decompressed(chunks(whole, size)))).toString(), `chunks of ${size}`).toBe('one two')
  }
})

test('bytes after the data are refused, also behind padding', async () => {
  const a = gzipSync('one')
  const tails = [Buffer.from('junk'), Buffer.from('\0\0\0junk'), Buffer.from([0, 0x1f, 0x8b])]
  for (const tail of tails) {
    const whole = Buffer.concat([a, tail])
    for (const size of [1, a.length, a.length + 1, 5000]) {
      await expect(collect(decompressed(chunks(whole, size))), `chunks of ${size}`).rejects.toMatchObject({
        code: 'E_GZIP_TRAILING',
      })
    }
  }
  // A lone byte could be the beginning of another member.
  await expect(collect(decompressed(chunks(Buffer.concat([a, Buffer.from('j')]))))).rejects.toMatchObject({
    code: 'E_GZIP_TRUNCATED',
  })
})

test('damaged and truncated gzip is told by code', async () => {
  const crc = Buffer.from(compressed)
  crc[crc.length - 6]! ^= 1
  const size = Buffer.from(compressed)
  size[size.length - 1]! ^= 1
  const inner = Buffer.from(compressed)
  inner.fill(0xff, 1000, 1100)
  const rows: [bytes: Buffer, code: string][] = [
    [crc, 'E_GZIP_CHECKSUM'],
    [size, 'E_GZIP_CHECKSUM'],
    [inner, 'E_GZIP_DATA'],
    [compressed.subarray(0, 1000), 'E_GZIP_TRUNCATED'],
    [compressed.subarray(0, compressed.length - 3), 'E_GZIP_TRUNCATED'],
    [compressed.subarray(0, 3), 'E_GZIP_TRUNCATED'],
    [Buffer.from([0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 'E_GZIP_DATA'],
  ]
  for (const [bytes, code] of rows) {
    await expect(collect(decompressed(chunks(bytes)))).rejects.toMatchObject({ code })
  }
})

/** `hello`, as the command zstd compresses it, with a checksum. */
const zstd = Buffer.from('28b52ffd045829000068656c6c6fa36d9f88', 'hex')
const skippable = Buffer.from('502a4d1803000000616263', 'hex')

test('zstd frames are one content, skippable ones pass, padding may follow', async () => {
  const whole = Buffer.concat([skippable, zstd, zstd, skippable, zstd, Buffer.alloc(99)])
  for (const size of [1, 5, zstd.length, 5000]) {
    expect((await collect(decompressed(chunks(whole, size)))).toString()).toBe('hellohellohello')
  }
  const rows: [code: string, bytes: Buffer][] = [
    ['E_ZSTD_TRUNCATED', zstd.subarray(0, 12)],
    ['E_ZSTD_TRUNCATED', zstd.subarray(0, zstd.length - 1)],
    ['E_ZSTD_TRUNCATED', Buffer.concat([zstd, skippable.subarray(0, 10)])],
    ['E_ZSTD_TRAILING', Buffer.concat([zstd, Buffer.from('junk')])],
    ['E_ZSTD_TRAILING', Buffer.concat([zstd, Buffer.from('\0\0\0\0\0x')])],
    ['E_ZSTD_CHECKSUM', Buffer.concat([zstd.subarray(0, zstd.length - 1), Buffer.alloc(1)])],
  ]
  for (const [code, bytes] of rows) {
    for (const size of [1, zstd.length, 5000]) {
      await expect(collect(decompressed(chunks(bytes, size)))).rejects.toMatchObject({ code })
    }
  }
})

test('limits hold while the stream runs', async () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000))
  let seen = 0
  const read = async () => {
    for await (const chunk of decompressed(chunks(bomb), { maxBytes: 1_000_000 })) seen += chunk.length
  }
  await expect(read()).rejects.toMatchObject({ code: 'E_LIMIT' })
  expect(seen).toBeLessThanOrEqual(1_000_000)
})

test('an error of the source comes out, and a reader that stops closes the source', async () => {
  let closed = 0
  async function* failing(fail: boolean): AsyncGenerator<Uint8Array> {
    try {
      yield compressed.subarray(0, 100_000)
      if (fail) throw new Error('disk')
      yield compressed.subarray(100_000)
    } finally {
      closed++
    }
  }
  await expect(collect(decompressed(failing(true)))).rejects.toThrow('disk')
  for await (const _ of decompressed(failing(false))) break
  expect(closed).toBe(2)
  async function* damaged(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('fd377a585a0000000000000000', 'hex')
    } finally {
      closed++
    }
  }
  await expect(collect(decompressed(damaged()))).rejects.toMatchObject({
    code: 'E_XZ_CHECKSUM',
  })
  expect(closed).toBe(3)
})
