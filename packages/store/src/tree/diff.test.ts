import { describe, expect, it } from 'vitest'
import { MemoryBlobStore } from '../blobs/memory-blob-store.js'
import { digestOf } from '../digest.js'
import { openContents } from '../layer/contents.js'
import { readLayer } from '../layer/read-layer.js'
import { writeLayer } from '../layer/write-layer.js'
import { diffTrees, undecidedFiles } from './diff.js'
import { directoryOf } from './directory.js'
import type { DirectoryNode, FileNode, TreeNode } from './node.js'
import { TreeEditor } from './tree-editor.js'

const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 1_600_000_000 }
const empty = directoryOf(meta)

function file(text: string, mode = 0o644): FileNode {
  return {
    type: 'file',
    meta: { ...meta, mode },
    size: text.length,
    content: { kind: 'bytes', bytes: Buffer.from(text) },
  }
}

function shown(below: DirectoryNode, above: DirectoryNode): string[] {
  return diffTrees(below, above).map((item) =>
    item.kind === 'whiteout'
      ? `-${item.path}`
      : item.kind === 'hardlink'
        ? `${item.path} = ${item.target}`
        : item.path,
  )
}

function edited(tree: DirectoryNode, change: (editor: TreeEditor) => void): DirectoryNode {
  const editor = new TreeEditor(tree)
  change(editor)
  return editor.finish()
}

const base = edited(empty, (editor) => {
  editor.put(['d'], directoryOf(meta))
  editor.put(['d', 'sub'], directoryOf(meta))
  editor.put(['d', 'sub', 'deep'], file('deep'))
  editor.put(['d', 'x'], file('x'))
  editor.put(['f'], file('f'))
})

describe('the layer between two trees', () => {
  it('is empty when nothing changed', () => {
    expect(shown(base, base)).toEqual([])
  })

  it('walks names by bytes, a directory before what it holds', () => {
    const above = edited(empty, (editor) => {
      for (const name of ['a.txt', 'a-b', 'Z', 'a']) editor.put([name], directoryOf(meta))
      editor.put(['a', 'z'], file('z'))
    })
    expect(shown(empty, above)).toEqual(['Z', 'a', 'a/z', 'a-b', 'a.txt'])
  })

  it('names every directory above a change', () => {
    const above = edited(base, (editor) => editor.put(['d', 'sub', 'new'], file('new')))
    expect(shown(base, above)).toEqual(['d', 'd/sub', 'd/sub/new'])
  })

  it('leaves out a file that is known to be the same, and tells which must be known', () => {
    const [old, same, other] = [file('f'), file('f'), file('g')]
    const tree = (one: FileNode) => edited(empty, (editor) => editor.put(['f'], one))
    const unknown = () => undefined
    const known = (node: FileNode) => digestOf(node.content.kind === 'bytes' ? node.content.bytes : '')
    expect(undecidedFiles(tree(old), tree(same), unknown)).toEqual(new Set([old, same]))
    expect(undecidedFiles(tree(old), tree(same), known).size).toBe(0)
    expect(undecidedFiles(tree(old), tree(old), unknown).size).toBe(0)
    for (const different of [file('f', 0o600), file('long'), { ...same, meta: { ...same.meta, mtime: 7 } }]) {
      expect(undecidedFiles(tree(old), tree(different), unknown).size).toBe(0)
    }
    expect(diffTrees(tree(old), tree(same), known)).toEqual([])
    expect(diffTrees(tree(old), tree(same), unknown)).toHaveLength(1)
    expect(diffTrees(tree(old), tree(other), known)).toHaveLength(1)
  })

  it('does not speak of a directory whose time alone differs', () => {
    const above = edited(base, (editor) => editor.setDirectoryMeta(['d'], { ...meta, mtime: 5 }))
    expect(shown(base, above)).toEqual([])
  })

  it('speaks of a directory whose mode differs, and not of what it holds', () => {
    const above = edited(base, (editor) => editor.setDirectoryMeta(['d'], { ...meta, mode: 0o700 }))
    expect(shown(base, above)).toEqual(['d'])
  })

  it('names what is gone once, at the top', () => {
    expect(
      shown(
        base,
        edited(base, (editor) => editor.remove(['d'])),
      ),
    ).toEqual(['-d'])
    expect(
      shown(
        base,
        edited(base, (editor) => editor.remove(['d', 'x'])),
      ),
    ).toEqual(['d', '-d/x'])
  })

  it('writes one name of a file, and links for the others', () => {
    const node = file('same')
    const above = edited(empty, (editor) => {
      editor.put(['b'], node)
      editor.put(['a'], node)
    })
    expect(shown(empty, above)).toEqual(['a', 'b = a'])
  })

  it('copies a file that has another name below only', () => {
    const above = edited(base, (editor) => editor.put(['second'], base.children.get('f')!))
    expect(shown(base, above)).toEqual(['second'])
  })

  it('replaces a file by a directory, and a directory by a file, without a whiteout', () => {
    expect(
      shown(
        base,
        edited(base, (editor) => editor.put(['f'], directoryOf(meta))),
      ),
    ).toEqual(['f'])
    expect(
      shown(
        base,
        edited(base, (editor) => editor.put(['d'], file('now a file'))),
      ),
    ).toEqual(['d'])
  })
})

describe('a name that reads as a whiteout', () => {
  it('is refused, since in a layer it would hide another file', () => {
    const above = edited(base, (editor) => editor.put(['d', '.wh.x'], file('')))
    expect(() => diffTrees(base, above)).toThrowError(expect.objectContaining({ code: 'E_WHITEOUT_NAME' }))
  })
})

describe('applying the layer between two trees', () => {
  it('gives the upper tree, whatever the two are', async () => {
    let seed = 7
    const random = (limit: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % limit
    }
    for (let round = 0; round < 60; round++) {
      const below = edited(empty, (editor) => scramble(editor, random))
      const above = edited(below, (editor) => scramble(editor, random))
      const blobs = new MemoryBlobStore()
      const stored = await store(empty, below, blobs)
      const lower = await readLayer(empty, { diffId: stored, blobs })
      expect(await listing(lower, blobs), `round ${round}, lower`).toEqual(await listing(below, blobs))
      const layer = await store(below, above, blobs)
      const upper = await readLayer(lower, { diffId: layer, blobs })
      expect(await listing(upper, blobs), `round ${round}`).toEqual(await listing(above, blobs))
    }
  })
})

function scramble(editor: TreeEditor, random: (limit: number) => number): void {
  for (let step = 0; step < 14; step++) {
    const names = Array.from({ length: 1 + random(3) }, () => 'abcé'[random(4)]!)
    const parent = editor.get(names.slice(0, -1))
    if (parent?.type !== 'directory') continue
    const attributes = { ...meta, mode: [0o755, 0o4711, 0o1777, 0][random(4)]!, uid: random(2) * 3_000_000 }
    const links = [...parent.children.values()].filter((node) => node.type !== 'directory')
    const nodes: TreeNode[] = [
      directoryOf(attributes),
      { ...file(`text ${random(5)}`), meta: attributes },
      { type: 'symlink', meta: { ...attributes, mode: 0o777 }, target: 'a/b' },
      { type: 'fifo', meta: attributes },
      { type: 'char', meta: attributes, major: 1, minor: 3 + random(2) },
    ]
    const choice = random(8)
    if (choice === 7) editor.remove(names)
    else if (choice === 6 && links.length > 0) editor.put(names, links[random(links.length)]!)
    else editor.put(names, nodes[choice % nodes.length]!)
  }
}

async function store(below: DirectoryNode, above: DirectoryNode, blobs: MemoryBlobStore) {
  const items = diffTrees(below, above)
  const files = items.flatMap((item) =>
    item.kind === 'node' && item.node.type === 'file' ? [item.node] : [],
  )
  await using contents = await openContents(files, blobs)
  await using writer = await blobs.writer()
  await writeLayer(items, writer, { contents })
  return (await writer.commit()).digest
}

async function listing(tree: DirectoryNode, blobs: MemoryBlobStore): Promise<string[]> {
  const lines: string[] = []
  const files: FileNode[] = []
  const collect = (node: TreeNode) => {
    if (node.type === 'file') files.push(node)
    else if (node.type === 'directory') for (const child of node.children.values()) collect(child)
  }
  collect(tree)
  await using contents = await openContents(files, blobs)
  const visit = (node: TreeNode, path: string) => {
    const { mode, uid } = node.meta
    const head = `${path} ${node.type} ${mode.toString(8)} ${uid}`
    if (node.type === 'file') {
      const buffer = Buffer.alloc(node.size)
      contents.open(node).read(buffer)
      lines.push(`${head} ${buffer}`)
    } else if (node.type === 'symlink') lines.push(`${head} ${node.target}`)
    else if (node.type === 'char' || node.type === 'block') lines.push(`${head} ${node.major}:${node.minor}`)
    else lines.push(head)
    if (node.type === 'directory') {
      for (const name of [...node.children.keys()].sort()) visit(node.children.get(name)!, `${path}/${name}`)
    }
  }
  visit(tree, '')
  return lines.slice(1)
}
