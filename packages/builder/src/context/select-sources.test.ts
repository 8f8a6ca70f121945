import { type DirectoryNode, isCooperageError, type TreeNode } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { type SelectOptions, selectSources } from './select-sources.js'

const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 }

/** Paths to a tree: `a/` is a directory, `a -> b` a link, all else a file. */
function treeOf(...paths: string[]): DirectoryNode {
  const root = new Map<string, TreeNode>()
  for (const path of paths) {
    const [name, target] = path.split(' -> ')
    let children = root
    const parts = name!.split('/')
    const last = parts.pop()!
    for (const part of parts) {
      const old = children.get(part)
      const next = new Map(old?.type === 'directory' ? old.children : [])
      children.set(part, { type: 'directory', meta, children: next })
      children = next
    }
    if (last === '') continue
    const content = { kind: 'bytes', bytes: Buffer.from(name!) } as const
    children.set(last, target ? { type: 'symlink', meta, target } : { type: 'file', meta, size: 1, content })
  }
  return { type: 'directory', meta, children: root }
}

function list(node: TreeNode, prefix: string): string[] {
  if (node.type !== 'directory') return [`${prefix}:${node.type}`]
  return [...node.children].flatMap(([name, child]) =>
    child.type === 'directory' ? [`${prefix}${name}/`, ...list(child, `${prefix}${name}/`)] : [prefix + name],
  )
}

/** Each source as its path and what is below it. */
function selected(tree: DirectoryNode, source: string | string[], options?: SelectOptions): unknown {
  try {
    return selectSources(tree, [source].flat(), options).map(({ path, node }) => [path, ...list(node, '')])
  } catch (error) {
    return isCooperageError(error) ? [error.code, error.data.path] : error
  }
}

describe('the sources of a COPY', () => {
  const tree = treeOf(
    'a.txt',
    'b.txt',
    '.hidden',
    'dir/x',
    'dir/sub/y',
    'link -> dir/x',
    'dirlink -> dir',
    'bad -> none',
  )

  it('are cleaned against the root', () => {
    for (const source of ['a.txt', '/a.txt', './a.txt', '../a.txt', '../../dir/../a.txt', 'a.txt/']) {
      expect(selected(tree, source)).toEqual([['/a.txt', ':file']])
    }
  })

  it('stand for their contents when they are directories, however they are written', () => {
    for (const source of ['dir', 'dir/', 'dir/.', '/dir']) {
      expect(selected(tree, source)).toEqual([['/dir', 'x', 'sub/', 'sub/y']])
    }
    expect(selected(treeOf('a', 'b/c'), '.')).toEqual([['/', 'a', 'b/', 'b/c']])
  })

  it('follow links on the path given, keep its name, and leave links inside alone', () => {
    expect(selected(tree, 'link')).toEqual([['/link', ':file']])
    expect(selected(tree, 'dirlink')).toEqual([['/dirlink', 'x', 'sub/', 'sub/y']])
    expect(selected(tree, 'dirlink/x')).toEqual([['/dirlink/x', ':file']])
    expect(selected(treeOf('d/l -> x', 'd/x'), 'd')).toEqual([['/d', 'l', 'x']])
  })

  it('match wildcards in each component, leading dots included, and take a directory whole', () => {
    expect(selected(tree, '*.txt')).toEqual([
      ['/a.txt', ':file'],
      ['/b.txt', ':file'],
    ])
    expect(selected(tree, '?hidden')).toEqual([['/.hidden', ':file']])
    expect(selected(tree, 'd[a-i]r')).toEqual([['/dir', 'x', 'sub/', 'sub/y']])
    expect(selected(tree, 'di*/s*')).toEqual([['/dir/sub', 'y']])
    expect(selected(tree, 'dirlink/*')).toEqual([
      ['/dir/sub', 'y'],
      ['/dir/x', ':file'],
    ])
    expect(selected(treeOf('a/b/c'), 'a[^x]b')).toEqual([['/a/b', 'c']])
  })

  it('may match nothing with a wildcard, but not without', () => {
    expect(selected(tree, '*.md')).toEqual([])
    expect(selected(tree, 'a.txt/*')).toEqual([])
    expect(selected(tree, 'none')).toEqual(['E_COPY_NOT_FOUND', 'none'])
    expect(selected(tree, '../none/x')).toEqual(['E_COPY_NOT_FOUND', 'none/x'])
    expect(selected(tree, 'a.txt/x')).toEqual(['E_COPY_NOT_FOUND', 'a.txt/x'])
    expect(selected(tree, 'bad')).toEqual(['E_COPY_NOT_FOUND', 'bad'])
    expect(selected(tree, 'none/*')).toEqual(['E_COPY_NOT_FOUND', 'none'])
    expect(selected(tree, '[a')).toEqual(['E_GLOB', undefined])
    expect(selected(treeOf('l -> l'), 'l')).toEqual(['E_LOOP', undefined])
  })

  it('leave out what --exclude names', () => {
    expect(selected(tree, 'a.txt', { excludes: ['a*'] })).toEqual([['/a.txt', ':file']])
    expect(selected(tree, 'dir', { excludes: ['x'] })).toEqual([['/dir', 'sub/', 'sub/y']])
    expect(selected(tree, 'dir', { excludes: ['**/y', '!sub'] })).toEqual([['/dir', 'sub/', 'x']])
    expect(selected(tree, 'dir', { excludes: ['*', '!sub/y'] })).toEqual([['/dir', 'sub/', 'sub/y']])
  })

  it('keep the directories above them with --parents, from the pivot on', () => {
    const parents = true
    const apps = treeOf(
      'assets/app1/icons32',
      'assets/app1/notes',
      'assets/test/icons32',
      'assets/dir/icons/x',
      'y',
    )
    expect(selected(apps, './assets/app1/notes', { parents })).toEqual([
      ['/', 'assets/', 'assets/app1/', 'assets/app1/notes'],
    ])
    expect(selected(apps, 'assets/./**/icons*', { parents, excludes: ['test'] })).toEqual([
      ['/assets', 'app1/', 'app1/icons32', 'dir/', 'dir/icons/', 'dir/icons/x'],
    ])
    expect(selected(apps, 'assets/[ad]*/./*', { parents })).toEqual([
      ['/assets/app1', 'icons32', 'notes'],
      ['/assets/dir', 'icons/', 'icons/x'],
    ])
    expect(selected(apps, 'assets/*/./icons*/**/x', { parents })).toEqual([
      ['/assets/app1'],
      ['/assets/dir', 'icons/', 'icons/x'],
      ['/assets/test'],
    ])
    // The destination is made all the same.
    expect(selected(apps, '**/none', { parents })).toEqual([['/']])
    expect(selected(apps, '.', { parents })).toEqual([['/']])
    expect(selected(apps, 'assets/./', { parents })).toEqual([['/assets']])
    expect(selected(apps, 'n*/./x', { parents })).toEqual([])
    expect(selected(apps, 'assets/none', { parents })).toEqual(['E_COPY_NOT_FOUND', 'assets/none'])
  })
})
