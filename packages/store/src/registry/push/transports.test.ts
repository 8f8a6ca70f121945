import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MemoryBlobStore } from '../../blobs/memory-blob-store.js'
import { nodeTransport } from '../../http/node-transport.js'
import type { Transport } from '../../http/transport.js'
import type { Platform } from '../../image/types.js'
import { openStore } from '../../store.js'
import { addImage, startLoopbackRegistry } from '../../testing/index.js'
import { storeContent } from '../content.js'
import { createRegistryClient } from '../create-registry-client.js'
import { parseReference } from '../reference.js'

const platforms: Platform[] = [{ os: 'linux', architecture: 'amd64' }]

/** Gathers the whole body before it sends it: by reference, or in copies, which it says. Counts the buffers that it saw. */
function gathering(inCopies: boolean, buffers: number[]): Transport {
  const node = nodeTransport()
  return {
    ...(inCopies && { waitsForChunks: true }),
    async send(request) {
      if (request.body === undefined || request.body instanceof Uint8Array) return node.send(request)
      const chunks: Uint8Array[] = []
      const seen = new Set<ArrayBufferLike>()
      for await (const chunk of request.body) {
        chunks.push(inCopies ? Uint8Array.from(chunk) : chunk)
        seen.add(chunk.buffer)
      }
      buffers.push(seen.size)
      return node.send({ ...request, body: Buffer.concat(chunks) })
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

it.each([
  ['keeps the chunks of a body has each in its own memory', false, 3],
  ['waits for chunks has them in the same memory', true, 1],
])('a transport that %s', async (_, inCopies, count) => {
  const directory = mkdtempSync(join(tmpdir(), 'cooperage-push-'))
  await using registry = await startLoopbackRegistry()
  const at = (text: string) => parseReference(`${registry.host}/${text}`)
  addImage(registry.storage, 'a', { layers: [3_000_000], seed: 7, tag: '7' })
  const buffers: number[] = []
  await using client = createRegistryClient({ transport: gathering(inCopies, buffers) })
  try {
    await using store = await openStore({ path: directory })
    const { root } = await client.pull(at('a:7'), { store: store.blobs, platforms })
    await client.push(at('b:1'), { root, content: storeContent(store.blobs) })
    const pulled = await client.pull(at('b:1'), { store: new MemoryBlobStore(), platforms })
    expect(pulled.root).toEqual(root)
  } finally {
    rmSync(directory, { recursive: true })
  }
  // The layer has three chunks, and the config one.
  expect(Math.max(...buffers)).toBe(count)
})
