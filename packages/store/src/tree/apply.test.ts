import { expect, it } from 'vitest'
import type { TarEntry } from '../tar/entry.js'
import { type ArchiveItem, applyArchive } from './apply.js'
import { directoryOf } from './directory.js'
import type { DirectoryNode, TreeNode } from './node.js'
import { resolveInTree } from './resolve.js'

const BLOB = `sha256:${'0'.repeat(64)}` as const
const empty = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 })

function layer(...names: readonly (string | [name: string, target: string])[]): ArchiveItem[] {
  return names.map((one, index) => {
    const [name, linkname] = typeof one === 'string' ? [one, ''] : one
    const type = linkname !== '' ? 'symlink' : name.endsWith('/') ? 'directory' : 'file'
    const entry: TarEntry = {
      type,
      name,
      linkname,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: 0,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: new Map(),
    }
    return { entry, index, offset: 0 }
  })
}

function stack(...layers: readonly ArchiveItem[][]): DirectoryNode {
  return layers.reduce((tree, items) => applyArchive(tree, items, { blob: BLOB, as: 'layer' }), empty)
}

const at = (tree: DirectoryNode, path: string): TreeNode['type'] | undefined =>
  resolveInTree(tree, path, { followLast: false }).node?.type

it('a directory that replaces a link hides nothing of what the link led to', () => {
  const below = layer('etc/', 'etc/passwd', 'etc/sub/', 'etc/sub/f', ['d', 'etc'])
  for (const above of [
    layer('d/', 'd/.wh..wh..opq', 'd/new'),
    layer('d/.wh..wh..opq', 'd/', 'd/new'),
    layer('d/', 'd/.wh.passwd', 'd/new'),
    layer('d/', 'd/sub/', 'd/sub/.wh..wh..opq', 'd/new'),
  ]) {
    const tree = stack(below, above)
    expect([at(tree, '/etc/passwd'), at(tree, '/etc/sub/f'), at(tree, '/d'), at(tree, '/etc/new')]).toEqual([
      'file',
      'file',
      'directory',
      undefined,
    ])
  }
})

it('a whiteout below a link that stays acts where the link leads', () => {
  const tree = stack(layer('etc/', 'etc/passwd', ['d', 'etc']), layer('d/.wh.passwd'))
  expect([at(tree, '/d'), at(tree, '/etc/passwd')]).toEqual(['symlink', undefined])
})
