import { type DirectoryNode, directoryOf, type FileNode, TreeEditor, type TreeNode } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { placeTargets } from './place-targets.js'

const NOW = 2000
const meta = { mode: 0o711, uid: 3, gid: 4, mtime: 1000 }
const file: FileNode = { type: 'file', meta, size: 0, content: { kind: 'bytes', bytes: Buffer.from('') } }
const link = (target: string): TreeNode => ({ type: 'symlink', meta, target })

const image = tree({
  'proc/x': directoryOf(meta),
  'sys/x': directoryOf(meta),
  'dev/x': directoryOf(meta),
  'etc/hosts': file,
  'real/deep': directoryOf(meta),
  short: link('/real'),
  out: link('../../../../etc'),
  gone: link('/not/there'),
  loop: link('loop'),
})

function tree(entries: Readonly<Record<string, TreeNode>>): DirectoryNode {
  const editor = new TreeEditor(directoryOf(meta))
  for (const [path, node] of Object.entries(entries)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1), () => directoryOf(meta))
    editor.put(names, node)
  }
  return editor.finish()
}

function place(...wanted: readonly (string | [target: string, type: 'file'])[]) {
  const targets = wanted.map((one) =>
    typeof one === 'string'
      ? ({ target: one, type: 'directory' } as const)
      : { target: one[0], type: one[1] },
  )
  const { stubs, stubPaths, ...rest } = placeTargets(image, targets, NOW)
  return { targets: rest.targets, made: [...stubPaths].sort(), stubs }
}

describe('the place of a mount', () => {
  it('is what the image has there', () => {
    expect(place('/real', ['/etc/hosts', 'file'])).toEqual({
      targets: ['/real', '/etc/hosts'],
      made: [],
      stubs: undefined,
    })
  })

  it('is made when the image lacks it, in directories as the image has them but for their time', () => {
    const { targets, made, stubs } = place('/real/deep/a/b', ['/new', 'file'])
    expect(targets).toEqual(['/real/deep/a/b', '/new'])
    expect(made).toEqual(['new', 'real/deep/a', 'real/deep/a/b'])
    const deep = (stubs!.children.get('real') as DirectoryNode).children.get('deep') as DirectoryNode
    expect(deep.meta).toEqual({ ...meta, mtime: NOW })
    expect(stubs!.children.get('real')!.meta).toEqual(meta)
    expect(deep.children.get('a')!.meta).toEqual({ mode: 0o755, uid: 0, gid: 0, mtime: NOW })
    expect(stubs!.children.get('new')!.type).toBe('file')
  })

  it('is found through links of the image, and never outside of it', () => {
    expect(place('/short/deep', '/out/new', '/gone')).toMatchObject({
      targets: ['/real/deep', '/etc/new', '/not/there'],
      made: ['etc/new', 'not', 'not/there'],
    })
  })

  it('lies where it is written below another mount', () => {
    const inside = place('/real', '/real/short/x', '/dev/shm', '/short/y')
    expect(inside).toMatchObject({ targets: ['/real', '/real/short/x', '/dev/shm', '/real/y'], made: [] })
  })

  it.each([
    ['the root', '/', /the root cannot be covered/],
    ['the root through dots', '/real/..', /the root cannot be covered/],
    ['in /proc', '/proc/self/x', /it lies in \/proc/],
    ['in /sys', '/sys/x', /it lies in \/sys/],
    ['a file', '/etc/hosts', /a directory cannot be mounted on the file/],
    ['below a file', '/etc/hosts/x', /not a directory/],
  ])('is refused for %s', (_name, target, message) => {
    expect(() => place(target)).toThrow(message)
    expect(() => place(target)).toThrow(expect.objectContaining({ code: 'E_MOUNT_TARGET' }))
  })

  it('is refused for a file on a directory, and in a circle of links', () => {
    expect(() => place(['/real', 'file'])).toThrow(/a file cannot be mounted on the directory/)
    expect(() => place('/loop/x')).toThrow()
  })

  it('has no room where /proc is a link', () => {
    const hostile = tree({ proc: link('/tmp') })
    expect(() => placeTargets(hostile, [], NOW)).toThrow(/the image has a symlink there/)
  })
})
