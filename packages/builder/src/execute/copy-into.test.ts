import {
  type DirectoryNode,
  directoryOf,
  type FileNode,
  resolveInTree,
  TreeEditor,
  type TreeNode,
} from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { type CopyRequest, copyInto } from './copy-into.js'
import { parseModeChange } from './mode-change.js'

const NOW = 2_000
const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 1_000 }

function file(text = 'x', mode = 0o644): FileNode {
  return {
    type: 'file',
    meta: { ...meta, mode, uid: 7, gid: 8 },
    size: text.length,
    content: { kind: 'bytes', bytes: Buffer.from(text) },
  }
}

function tree(entries: Record<string, TreeNode>): DirectoryNode {
  const editor = new TreeEditor(directoryOf(meta))
  for (const [path, node] of Object.entries(entries)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1), () => directoryOf({ ...meta, mode: 0o700 }))
    editor.put(names, node)
  }
  return editor.finish()
}

const source = tree({
  'src/sub/deep': file(),
  'src/top': file('t', 0o4755),
  'src/link': { type: 'symlink', meta, target: 'top' },
})
const src = source.children.get('src')!

function copy(
  below: DirectoryNode,
  request: Partial<CopyRequest> & Pick<CopyRequest, 'items' | 'destination'>,
): string[] {
  const lines: string[] = []
  const visit = (node: TreeNode, path: string) => {
    const { mode, uid, gid, mtime } = node.meta
    if (path !== '') lines.push(`${path} ${mode.toString(8)} ${uid}:${gid} ${mtime}`)
    if (node.type === 'directory')
      for (const name of [...node.children.keys()].sort()) visit(node.children.get(name)!, `${path}/${name}`)
  }
  visit(copyInto(below, { now: NOW, ...request }), '')
  return lines
}

const nothing = directoryOf(meta)

describe('COPY', () => {
  it('gives the contents of a directory, and makes the destination with plain attributes', () => {
    expect(copy(nothing, { items: [{ path: '/src', node: src }], destination: '/app' })).toEqual([
      '/app 755 0:0 1000',
      '/app/link 755 0:0 1000',
      '/app/sub 700 0:0 1000',
      '/app/sub/deep 644 7:8 1000',
      '/app/top 4755 7:8 1000',
    ])
  })

  it('puts a file under its own name into a directory, and under the new name elsewhere', () => {
    const items = [{ path: '/src/top', node: file() }]
    expect(copy(nothing, { items, destination: '/d/' })).toEqual(['/d 755 0:0 2000', '/d/top 644 7:8 1000'])
    expect(copy(nothing, { items, destination: '/d/.' })).toEqual(['/d 755 0:0 2000', '/d/top 644 7:8 1000'])
    expect(copy(nothing, { items, destination: '/d' })).toEqual(['/d 644 7:8 1000'])
    expect(copy(tree({ 'd/x': file() }), { items, destination: '/d' })).toContain('/d/top 644 7:8 1000')
  })

  it('keeps mode and owner of a directory that is the destination, and sets those of directories below it', () => {
    const below = tree({ 'app/sub/old': file() })
    expect(
      copy(below, { items: [{ path: '/src', node: tree({ 'sub/deep': file() }) }], destination: '/app' }),
    ).toEqual([
      '/app 700 0:0 1000',
      '/app/sub 700 0:0 1000',
      '/app/sub/deep 644 7:8 1000',
      '/app/sub/old 644 7:8 1000',
    ])
  })

  it('makes directories in one with the setgid bit as mkdir(2) does', () => {
    const below = tree({ 'g/x': file() })
    const g = below.children.get('g') as DirectoryNode
    const root = {
      ...below,
      children: new Map([['g', { ...g, meta: { ...g.meta, mode: 0o2775, gid: 50 } }]]),
    }
    const items = [{ path: '/src', node: src }]
    expect(copy(root, { items, destination: '/g/new/deep' })).toEqual([
      '/g 2775 0:50 2000',
      '/g/new 2755 0:50 2000',
      '/g/new/deep 2755 0:50 1000',
      '/g/new/deep/link 755 0:0 1000',
      // Copied with its attributes.
      '/g/new/deep/sub 700 0:0 1000',
      '/g/new/deep/sub/deep 644 7:8 1000',
      '/g/new/deep/top 4755 7:8 1000',
      '/g/x 644 7:8 1000',
    ])
    const owned = copy(root, {
      items: [{ path: '/f', node: file() }],
      destination: '/g/new/f',
      owner: { uid: 5, gid: 6 },
    })
    expect(owned).toContain('/g/new 2755 5:6 2000')
  })

  it('refuses names and paths that Linux cannot make', () => {
    const items = [{ path: '/f', node: file() }]
    for (const destination of [`/${'n'.repeat(256)}`, `/${'n'.repeat(256)}/`, `/${'long/'.repeat(820)}`]) {
      expect(() => copy(nothing, { items, destination })).toThrow(
        expect.objectContaining({ code: 'E_PATH_LENGTH' }),
      )
    }
    expect(copy(nothing, { items, destination: `/${'n'.repeat(255)}` })).toHaveLength(1)
  })

  it('gives everything the owner asked for, missing parents included', () => {
    const owner = { uid: 5, gid: 6 }
    expect(copy(nothing, { items: [{ path: '/f', node: file() }], destination: '/p/q/r', owner })).toEqual([
      '/p 755 5:6 2000',
      '/p/q 755 5:6 2000',
      '/p/q/r 644 5:6 1000',
    ])
  })

  it('sets modes of files and directories but not of links', () => {
    const mode = parseModeChange('640')
    expect(copy(nothing, { items: [{ path: '/src', node: src }], destination: '/d', mode })).toEqual([
      '/d 640 0:0 1000',
      '/d/link 755 0:0 1000',
      '/d/sub 640 0:0 1000',
      '/d/sub/deep 640 7:8 1000',
      '/d/top 640 7:8 1000',
    ])
  })

  it('keeps the times of what it copies; what it makes itself is of now', () => {
    const lines = copy(nothing, { items: [{ path: '/src', node: src }], destination: '/made/d', now: 42 })
    expect(lines.filter((line) => line.endsWith(' 42'))).toEqual(['/made 755 0:0 42'])
  })

  it('follows links on the way to the destination', () => {
    const below = tree({ 'real/x': file(), ln: { type: 'symlink', meta, target: '/real' } })
    const after = copyInto(below, { items: [{ path: '/f', node: file() }], destination: '/ln/f', now: NOW })
    expect(resolveInTree(after, '/real/f').node?.type).toBe('file')
    expect(after.children.get('ln')?.type).toBe('symlink')
  })

  it('keeps hard links within one source, and makes none between copies', () => {
    const shared = file()
    const linked = tree({ a: shared, b: shared })
    const after = copyInto(nothing, {
      items: [
        { path: '/x', node: linked },
        { path: '/a', node: shared },
      ],
      destination: '/d/',
      now: NOW,
    })
    const d = after.children.get('d') as DirectoryNode
    expect(d.children.get('b')).not.toBe(shared)
    const once = copyInto(nothing, { items: [{ path: '/x', node: linked }], destination: '/d/', now: NOW })
    const { children } = once.children.get('d') as DirectoryNode
    expect(children.get('a')).toBe(children.get('b'))
  })

  it('refuses a file in place of a directory, and a directory in place of a file', () => {
    const below = tree({ 'd/top/x': file(), f: file() })
    expect(() => copy(below, { items: [{ path: '/src', node: src }], destination: '/d' })).toThrowError(
      /cannot replace to directory \/d\/top with file/,
    )
    expect(() => copy(below, { items: [{ path: '/src', node: src }], destination: '/f' })).toThrowError(
      /cannot copy to non-directory: \/f/,
    )
  })
})

describe('a mode change', () => {
  it.each([
    ['755 of a file', 0o644, 0o755],
    ['4711 of a file', 0o644, 0o4711],
    ['u=rwX,go=rX of a file', 0o600, 0o644],
    ['u=rwX,go=rX of a file', 0o700, 0o755],
    ['u=rwX,go=rX of a directory', 0o600, 0o755],
    ['a+x of a file', 0o644, 0o755],
    ['+x of a file', 0o644, 0o755],
    ['go-rwx of a file', 0o755, 0o700],
    ['u+s of a file', 0o755, 0o4755],
    ['g=u of a file', 0o740, 0o770],
    ['+t of a directory', 0o755, 0o1755],
  ])('%s turns %o into %o, as chmod does', (text, before, after) => {
    const [change, type] = text.split(' of a ') as [string, string]
    expect(parseModeChange(change).apply(before, type).toString(8)).toBe(after.toString(8))
  })

  it.each(['', '9999', '10000', 'u=q', 'rwx', 'u'])('"%s" is refused', (text) => {
    expect(() => parseModeChange(text)).toThrowError(expect.objectContaining({ code: 'E_DF_FLAG' }))
  })
})
