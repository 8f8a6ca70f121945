import { describe, expect, it } from 'vitest'
import { directoryOf } from './directory.js'
import type { DirectoryNode, TreeNode } from './node.js'
import { joinNames } from './path.js'
import { resolveInTree } from './resolve.js'
import { TreeEditor } from './tree-editor.js'

const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 }

function tree(entries: Record<string, string>): DirectoryNode {
  const editor = new TreeEditor(directoryOf(meta))
  for (const [path, target] of Object.entries(entries)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1))
    const node: TreeNode =
      target === 'file'
        ? { type: 'file', meta, size: 0, content: { kind: 'bytes', bytes: new Uint8Array() } }
        : target === 'dir'
          ? directoryOf(meta)
          : { type: 'symlink', meta, target }
    editor.put(names, node)
  }
  return editor.finish()
}

const sample = tree({
  'a/b/file': 'file',
  abs: '/a/b',
  up: '../../a',
  'a/rel': 'b/../b/file',
  chain1: 'chain2',
  chain2: 'abs/file',
  self: 'self',
  dangling: 'nowhere/x',
  file: 'file',
})

describe('a path in a tree', () => {
  it.each([
    ['/', '/', 'directory'],
    ['', '/', 'directory'],
    ['a/b/file', '/a/b/file', 'file'],
    ['/abs/file', '/a/b/file', 'file'],
    ['up/b', '/a/b', 'directory'],
    ['../../../a', '/a', 'directory'],
    ['a/rel', '/a/b/file', 'file'],
    ['chain1', '/a/b/file', 'file'],
    ['abs/../rel', '/a/b/file', 'file'],
    ['a/./b//file', '/a/b/file', 'file'],
  ])('%s leads to %s, as in a chroot', (path, canonical, type) => {
    const found = resolveInTree(sample, path)
    expect([joinNames(found.names), found.node?.type]).toEqual([canonical, type])
  })

  it('keeps the names of what does not exist yet', () => {
    const found = resolveInTree(sample, 'abs/new/deep')
    expect([joinNames(found.names), found.node, found.existing]).toEqual(['/a/b/new/deep', undefined, 2])
  })

  it('follows a dangling link to where it points', () => {
    expect(joinNames(resolveInTree(sample, 'dangling/y').names)).toBe('/nowhere/x/y')
  })

  it('leaves a link at the end alone when asked to', () => {
    expect(resolveInTree(sample, 'abs', { followLast: false }).node?.type).toBe('symlink')
    expect(joinNames(resolveInTree(sample, 'abs/file', { followLast: false }).names)).toBe('/a/b/file')
  })

  it('tells that a file is in the way', () => {
    expect(resolveInTree(sample, 'file/x').notDirectory).toBe(true)
  })

  it('gives up on a loop with a typed error', () => {
    expect(() => resolveInTree(sample, 'self/x')).toThrowError(expect.objectContaining({ code: 'E_LOOP' }))
  })
})

describe('an editor', () => {
  it('leaves the tree it started from as it was', () => {
    const before = tree({ 'd/x': 'file' })
    const editor = new TreeEditor(before)
    editor.remove(['d', 'x'])
    editor.put(['d', 'y'], directoryOf(meta))
    const after = editor.finish()
    editor.put(['d', 'z'], directoryOf(meta))
    expect([...(before.children.get('d') as DirectoryNode).children.keys()]).toEqual(['x'])
    expect([...(after.children.get('d') as DirectoryNode).children.keys()]).toEqual(['y'])
  })

  it('shares what it did not touch', () => {
    const before = tree({ 'kept/x': 'file', 'd/x': 'file' })
    const editor = new TreeEditor(before)
    editor.put(['d', 'y'], directoryOf(meta))
    expect(editor.finish().children.get('kept')).toBe(before.children.get('kept'))
  })

  it('refuses to go through what is not a directory', () => {
    const editor = new TreeEditor(sample)
    expect(() => editor.put(['file', 'x'], directoryOf(meta))).toThrowError(
      expect.objectContaining({ code: 'E_NOT_DIRECTORY' }),
    )
  })
})
