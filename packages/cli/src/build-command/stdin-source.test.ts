import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Terminal } from '../invocation.js'
import { readStdin } from './stdin-source.js'

/** A terminal whose stdin gives these chunks; nothing is written. */
function terminal(chunks: readonly Uint8Array[], isTTY = false): Terminal {
  const stdin = Object.assign(Readable.from(chunks), { isTTY }) as unknown as NodeJS.ReadStream
  return { stdin, stdout: process.stdout, stderr: process.stderr, print: async () => {}, say: () => {} }
}

const { signal } = new AbortController()
const tar = Buffer.alloc(1024)
tar.write('name', 0)
tar.write('ustar', 257)

test('an archive is told from its magic, and arrives whole', async () => {
  const source = await readStdin(terminal([tar.subarray(0, 100), tar.subarray(100)]), signal)
  expect(source.kind).toBe('tar')
  const chunks: Uint8Array[] = []
  if (source.kind === 'tar') for await (const chunk of source.stream) chunks.push(chunk)
  expect(Buffer.concat(chunks).equals(tar)).toBe(true)
})

test.each([
  ['gzip', gzipSync(tar)],
  ['an empty archive', Buffer.alloc(1024)],
])('%s is an archive', async (_name, bytes) => {
  expect((await readStdin(terminal([bytes]), signal)).kind).toBe('tar')
})

test.each(['', 'FROM scratch\n', '# größe\n'.repeat(100)])('text is a Dockerfile', async (text) => {
  const source = await readStdin(terminal([Buffer.from(text)]), signal)
  expect(source.kind === 'dockerfile' && Buffer.from(source.text).toString()).toBe(text)
})

test('a terminal has nothing to read', async () => {
  await expect(readStdin(terminal([], true), signal)).rejects.toMatchObject({ code: 'E_CLI' })
})

test('an endless text is not read to its end', async () => {
  const line = Buffer.alloc(1024 * 1024, 'x')
  await expect(readStdin(terminal(Array.from({ length: 20 }, () => line)), signal)).rejects.toMatchObject({
    code: 'E_LIMIT',
  })
})

test('an abort ends a wait that has no end of its own', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream
  const controller = new AbortController()
  const waiting = readStdin({ ...terminal([]), stdin }, controller.signal)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})
