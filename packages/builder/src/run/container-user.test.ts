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

const ODD_PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:abc:5::/n:/bin/sh
big:x:3000000000:5::/big:/bin/sh
signed:x:+71:+72::/signed:/bin/sh
wraps:x:4294967301:4294967302::/:/bin/sh
last:x:4294967294:5::/last:/bin/sh
minus:x:-5:5::/:/bin/sh
all:x:4294967295:5::/:/bin/sh
empty:x::5::/:/bin/sh
bare:x
bigown:x:7:3000000000::/:/bin/sh
bigown2:x:8:3000000001::/eight:/bin/sh
minusown:x:7:-6::/:/bin/sh
wordown:x:7:def::/:/bin/sh
member:x:9:90::/nine:/bin/sh
unlucky:x:10:90::/:/bin/sh
`
const ODD_GROUP = `huge:x:3000000001:member
far:x:4294967298:
minus:x:-3:unlucky
word:x:abc:
`
const ODD = { 'etc/passwd': ODD_PASSWD, 'etc/group': ODD_GROUP }

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

  it.each([
    ['big', { uid: 3e9, gid: 5, groups: [5], home: '/big' }],
    ['3000000000', { uid: 3e9, gid: 5, groups: [5], home: '/big' }],
    ['signed', { uid: 71, gid: 72, groups: [72], home: '/signed' }],
    ['71', { uid: 71, gid: 72, groups: [72], home: '/signed' }],
    ['last', { uid: 4294967294, gid: 5, groups: [5], home: '/last' }],
    ['5:huge', { uid: 5, gid: 3000000001, groups: [3000000001], home: '/' }],
    ['5:3000000001', { uid: 5, gid: 3000000001, groups: [3000000001], home: '/' }],
    ['bigown2', { uid: 8, gid: 3000000001, groups: [3000000001], home: '/eight' }],
    ['member', { uid: 9, gid: 90, groups: [90, 3000000001], home: '/nine' }],
    // Lines whose ids cannot be read are not those of root.
    ['', { uid: 0, gid: 0, groups: [0], home: '/root' }],
  ])('%s has the ids of odd lines', async (text, expected) => {
    expect(await user(text, ODD)).toEqual(expected)
  })

  // runc makes 0 of these, or something that fits into 32 bits.
  it.each([
    ['nobody', 'nobody:x:abc:5'],
    ['wraps', 'wraps:x:4294967301'],
    ['minus', 'minus:x:-5'],
    ['all', 'all:x:4294967295'],
    ['empty', 'empty:x::5'],
    ['bare', 'bare:x'],
    ['minusown', 'minusown:x:7:-6'],
    ['wordown', 'wordown:x:7:def'],
    ['unlucky', 'minus:x:-3'],
    ['5:far', 'far:x:4294967298'],
    ['5:word', 'word:x:abc'],
    ['bigown', '3000000000 is out of range'],
    ['3000000002', '3000000002 is out of range'],
    ['5:3000000002', '3000000002 is out of range'],
  ])('%s is refused rather than to become another', async (text, message) => {
    await expect(user(text, ODD)).rejects.toMatchObject({
      code: 'E_USER_RANGE',
      message: expect.stringContaining(message),
    })
  })

  it('is a number where the image has no files of users', async () => {
    expect(await user('5:6', {})).toEqual({ uid: 5, gid: 6, groups: [6], home: '/' })
    expect(await user('', {})).toEqual({ uid: 0, gid: 0, groups: [0], home: '/' })
    expect(await user('root:7', {})).toEqual({ uid: 0, gid: 7, groups: [7], home: '/' })
    await expect(user('alice', {})).rejects.toMatchObject({ code: 'E_USER_UNKNOWN' })
  })

  // So says Docker 26, for each of them.
  it.each(['0', '33', 'root', '4000', ':7', '0:mail', '33:mail'])(
    '%s is refused where the image has no /etc/passwd',
    async (text) => {
      await expect(user(text, { 'etc/group': GROUP })).rejects.toMatchObject({
        code: 'E_USER_UNKNOWN',
        message: expect.stringContaining('the image has no /etc/passwd'),
      })
    },
  )

  it.each(['0', '1000', 'alice', 'alice:8', ':7', '0:users'])(
    '%s is refused where the image has no /etc/group',
    async (text) => {
      await expect(user(text, { 'etc/passwd': PASSWD })).rejects.toMatchObject({
        code: 'E_USER_UNKNOWN',
        message: expect.stringContaining('the image has no /etc/group'),
      })
    },
  )

  it('needs no groups for a number without a line', async () => {
    const files = { 'etc/passwd': PASSWD }
    expect(await user('4000', files)).toEqual({ uid: 4000, gid: 0, groups: [0], home: '/' })
    expect(await user('1000:100', files)).toMatchObject({ uid: 1000, gid: 100 })
  })
})
