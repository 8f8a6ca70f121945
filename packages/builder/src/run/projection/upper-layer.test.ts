import {
  directoryOf,
  encodeTarEntry,
  LayerStream,
  MemoryBlobStore,
  type Metadata,
  readTar,
  type TarEntry,
  type TreeNode,
} from '@cooperage/store'
import { expect, it } from 'vitest'
import { UpperLayer } from './upper-layer.js'

const meta: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 1 }
const entry: TarEntry = {
  ...meta,
  type: 'directory',
  name: './d/',
  linkname: '',
  size: 0,
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: new Map([['trusted.overlay.opaque', Buffer.from('y')]]),
}

it('holds no more than a chunk while it says of many names that they are gone', async () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `n${String(index).padStart(5, '0')}`)
  const file: TreeNode = { type: 'file', meta, size: 0, content: { kind: 'bytes', bytes: new Uint8Array(0) } }
  const below = directoryOf(meta)
  const inner = { ...directoryOf(meta), children: new Map(names.map((name) => [name, file])) }
  const tree = { ...below, children: new Map<string, TreeNode>([['d', inner]]) }

  const written: Buffer[] = []
  let most = 0
  const layer = new LayerStream({
    write: async (chunk) => {
      written.push(Buffer.from(chunk))
      most = Math.max(most, layer.items.length * 512 - Buffer.concat(written).length)
    },
  })
  const reader = new UpperLayer(layer, {
    below: tree,
    stubs: new Set(),
    form: { overlay: 'kernel', owners: 'all', devices: true },
    blobs: new MemoryBlobStore(),
    openHost: () => {
      throw new Error('no file of the host is looked at')
    },
    reopen: () => {
      throw new Error('nothing is read again')
    },
  })
  const kept: TarEntry = { ...entry, type: 'file', name: './d/n20000', mode: 0o600, xattrs: new Map() }
  const archive = Buffer.concat([encodeTarEntry(entry), encodeTarEntry(kept), Buffer.alloc(1024)])
  const chunks = async function* () {
    yield archive
  }
  for await (const item of readTar(chunks())) {
    await reader.take(item)
    if (layer.full) await layer.flush()
  }
  await reader.end()
  await layer.end()

  const found: string[] = []
  const whole = async function* () {
    yield Buffer.concat(written)
  }
  for await (const item of readTar(whole())) found.push(item.entry.name)
  const gone = names.map((name) => (name === 'n20000' ? 'd/n20000' : `d/.wh.${name}`))
  expect(found).toEqual(['d/', ...gone])
  expect(written.length).toBeGreaterThan(14)
  // Bytes that wait: those of the chunk at hand.
  expect(most).toBeLessThanOrEqual(1 << 20)
})
