import { expect, test } from 'vitest'
import { CooperageError } from '../errors.js'
import type { Fault } from './fault.js'
import { portableZstd } from './portable-zstd.js'
import { zstdFrames } from './zstd-frames.js'

const fault: Fault = (kind, problem) => new CooperageError(`E_ZSTD_${kind}`, problem)

async function read(bytes: Uint8Array): Promise<string> {
  const parts: Uint8Array[] = []
  async function* source() {
    yield Uint8Array.from(bytes)
  }
  for await (const frame of zstdFrames(source(), 'it', fault)) {
    for await (const piece of portableZstd(frame, 'it', fault)) parts.push(Uint8Array.from(piece))
  }
  return Buffer.concat(parts).toString()
}

/** `hello`, as the command zstd compresses it, with a checksum. */
const hello = Buffer.from('28b52ffd045829000068656c6c6fa36d9f88', 'hex')

test('a frame is read without the zstd of Node, its checksum and size included', async () => {
  expect(await read(hello)).toBe('hello')
  expect(await read(Buffer.concat([hello, hello]))).toBe('hellohello')
  const sum = Buffer.from(hello)
  sum[sum.length - 1]! ^= 1
  await expect(read(sum)).rejects.toMatchObject({ code: 'E_ZSTD_CHECKSUM' })
  // A single segment of six bytes that has five.
  const size = Buffer.from('28b52ffd200629000068656c6c6f', 'hex')
  await expect(read(size)).rejects.toMatchObject({ code: 'E_ZSTD_DATA' })
  const type = Buffer.from('28b52ffd20052f000068656c6c6f', 'hex')
  await expect(read(type)).rejects.toMatchObject({ code: 'E_ZSTD_DATA' })
  const dictionary = Buffer.from('28b52ffd21010529000068656c6c6f', 'hex')
  await expect(read(dictionary)).rejects.toMatchObject({ code: 'E_ZSTD_DATA' })
})

test('tiny blocks below a large window are too much', { timeout: 30_000 }, async () => {
  const header = Buffer.from('28b52ffd0088', 'hex')
  const block = Buffer.from('08000061', 'hex')
  await expect(read(Buffer.concat([header, ...Array(100).fill(block)]))).rejects.toMatchObject({
    code: 'E_LIMIT',
    data: { limit: 'blocks' },
  })
  const window = Buffer.from('28b52ffd0089', 'hex')
  await expect(read(Buffer.concat([window, block]))).rejects.toMatchObject({
    code: 'E_LIMIT',
    data: { limit: 'window' },
  })
})
