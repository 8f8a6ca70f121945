import { expect, it } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import type { LayerItem } from '../tree/diff.js'
import type { FileNode, Metadata } from '../tree/node.js'
import { openContents } from './contents.js'
import type { LayerSink } from './layer-sink.js'
import { LayerStream } from './layer-stream.js'
import { writeLayer } from './write-layer.js'

const MiB = 1 << 20
const meta: Metadata = { mode: 0o644, uid: 0, gid: 0, mtime: 1_600_000_000 }

function file(path: string, size: number): { kind: 'node'; path: string; node: FileNode } {
  const bytes = new Uint8Array(size).fill(path.length)
  return { kind: 'node', path, node: { type: 'file', meta, size, content: { kind: 'bytes', bytes } } }
}

/** Sizes about those of a block and of a chunk, and a name that needs a header of its own, twice over the end of a chunk. */
const items: LayerItem[] = [
  { kind: 'node', path: 'd', node: { type: 'directory', meta, children: new Map() } },
  ...[0, 1, 511, 512, 513, MiB - 512, MiB, MiB + 1, 3 * MiB].map((size, index) => file(`d/${index}`, size)),
  { kind: 'whiteout', path: 'd/gone' },
  ...Array.from({ length: 3000 }, (_, index) => file(`d/small-${index}`, index % 3)),
  file(`d/${'é'.repeat(100)}`, MiB - 1700),
  file(`d/${'n'.repeat(200)}`, 5),
]

/** Keeps what it is given, and the buffers to give them back: what it was given must not change before. */
function sink(givesBack: boolean): LayerSink & { bytes(): Buffer } {
  const taken: Buffer[] = []
  const spares: ArrayBuffer[] = []
  return {
    async write(chunk) {
      taken.push(Buffer.from(chunk))
      await Promise.resolve()
      if (chunk.byteLength !== MiB) return
      chunk.fill(0xff)
      spares.push(chunk.buffer as ArrayBuffer)
    },
    ...(givesBack && { spare: () => spares.pop() }),
    bytes: () => Buffer.concat(taken),
  }
}

it.each([true, false])(
  'streams the bytes that are written from a tree; buffers come back: %s',
  async (givesBack) => {
    const files = items.flatMap((item) =>
      item.kind === 'node' && item.node.type === 'file' ? [item.node] : [],
    )
    await using contents = await openContents(files, new MemoryBlobStore())
    const written = sink(givesBack)
    await writeLayer(items, written, { contents })

    const streamed = sink(givesBack)
    const progress: number[] = []
    const layer = new LayerStream(streamed, { onProgress: (bytes) => progress.push(bytes) })
    for (const item of items) {
      layer.item(item)
      if (item.kind === 'node' && item.node.type === 'file' && item.node.content.kind === 'bytes') {
        const { bytes } = item.node.content
        for (let at = 0; at < bytes.length; at += 100_000) {
          layer.content(bytes.subarray(at, at + 100_000))
          if (layer.full) await layer.flush()
        }
      }
      if (layer.full) await layer.flush()
    }
    await layer.end()
    const bytes = written.bytes()
    expect(streamed.bytes().equals(bytes)).toBe(true)
    expect(progress.length).toBeGreaterThan(5)
    for (const { entry, offset } of layer.items) {
      const name = bytes.toString('latin1', offset - 512, offset - 412)
      expect(name.replace(/\0.*/s, '')).toBe(
        entry.name.length > 100 ? entry.name.replace(/[^\x01-\x7f]/g, '').slice(0, 100) : entry.name,
      )
    }
  },
)

it('keeps what is not flushed, and an abort ends it', async () => {
  const stop = new AbortController()
  const late = sink(false)
  const layer = new LayerStream(late, { signal: stop.signal })
  for (const item of [file('a', 3 * MiB), file('b', 3)]) {
    layer.item(item)
    layer.content(new Uint8Array(item.node.size).fill(1))
  }
  expect(late.bytes().length).toBe(0)
  await layer.end()
  expect(late.bytes().length).toBe(512 + 3 * MiB + 1024 + 1024)
  stop.abort(new Error('enough'))
  await expect(layer.flush()).rejects.toThrow('enough')
})
