import { directoryOf, type FileNode, MemoryBlobStore, TreeEditor } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { openHostContent } from '../context/host-content.js'
import { containerUser } from './container-user.js'

const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 }

function file(text: string): FileNode {
  return { type: 'file', meta, size: text.length, content: { kind: 'bytes', bytes: Buffer.from(text) } }
}

function user(
  text: string,
  files: Readonly<Record<string, string>> = { 'etc/passwd': PASSWD, 'etc/group': GROUP },
) {
  const editor = new TreeEditor(directoryOf(meta))
  for (const [path, content] of Object.entries(files)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1), () => directoryOf(meta))
    editor.put(names, file(content))
  }
  const tree = editor.finish()
  return containerUser(text, {
    tree: async () => tree,
    isScratch: false,
    blobs: new MemoryBlobStore(),
    openHost: openHostContent,
  })
}

const PASSWD = `root:x:0:0:root:/root:/bin/sh
# a comment
alice:x:1000:100:Alice:/home/alice:/bin/sh
1000:x:7:70:a name of digits:/seven:/bin/sh
bare:x:8:80::
short:x:9
`
const GROUP = `root:x:0:
users:x:100:
wheel:x:10:root,alice
audio:x:20:alice
video:x:30:bob,1000,
mine:x:100:alice
`

describe('the user of a step', () => {
  it.each([
    ['', { uid: 0, gid: 0, groups: [0, 10], home: '/root' }],
    ['root', { uid: 0, gid: 0, groups: [0, 10], home: '/root' }],
    ['alice', { uid: 1000, gid: 100, groups: [10, 20, 100], home: '/home/alice' }],
    ['1000', { uid: 1000, gid: 100, groups: [10, 20, 100], home: '/home/alice' }],
    ['alice:audio', { uid: 1000, gid: 20, groups: [20], home: '/home/alice' }],
    ['alice:4000', { uid: 1000, gid: 4000, groups: [4000], home: '/home/alice' }],
    ['bare', { uid: 8, gid: 80, groups: [80], home: '' }],
    ['short', { uid: 9, gid: 0, groups: [0], home: '' }],
    ['4000', { uid: 4000, gid: 0, groups: [0], home: '/' }],
    ['4000:users', { uid: 4000, gid: 100, groups: [100], home: '/' }],
    [':audio', { uid: 0, gid: 20, groups: [20], home: '/root' }],
  ])('%s', async (text, expected) => {
    expect(await user(text)).toEqual(expected)
  })

  it.each([
    ['nobody', 'E_USER_UNKNOWN'],
    ['alice:nobody', 'E_USER_UNKNOWN'],
    ['2147483648', 'E_USER_RANGE'],
    ['0:-1', 'E_USER_RANGE'],
  ])('%s is refused', async (text, code) => {
    await expect(user(text)).rejects.toMatchObject({ code })
  })

  it('is a number where the image has no files of users', async () => {
    expect(await user('5:6', {})).toEqual({ uid: 5, gid: 6, groups: [6], home: '/' })
    expect(await user('', {})).toEqual({ uid: 0, gid: 0, groups: [0], home: '/' })
    await expect(user('alice', {})).rejects.toMatchObject({ code: 'E_USER_UNKNOWN' })
  })
})
