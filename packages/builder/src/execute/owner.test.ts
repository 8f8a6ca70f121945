import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DirectoryNode, directoryOf, openStore, type Store, TreeEditor } from '@cooperage/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHostContent } from '../context/host-content.js'
import { resolveOwner } from './owner.js'

const root = mkdtempSync(join(tmpdir(), 'cooper-owner-'))
let store: Store
beforeAll(async () => {
  store = await openStore({ path: join(root, 'store') })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 }

function tree(files: Readonly<Record<string, string>>): DirectoryNode {
  const editor = new TreeEditor(directoryOf(META))
  for (const [path, text] of Object.entries(files)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1), () => directoryOf(META))
    const content = { kind: 'bytes' as const, bytes: Buffer.from(text) }
    editor.put(names, { type: 'file', meta: META, size: text.length, content })
  }
  return editor.finish()
}

const FILES = tree({
  'etc/passwd':
    'bob:x:12:13::/:/\nroot:x:5:6::/:/\nshort:x:77\n7:x:8:9::/:/\nneg:x:-5:-6::/:/\nbig:x:3000000000:+9::/:/\nnone:x:-1:5::/:/\n',
  'etc/group': 'grp:x:14:\nbob:x:15:\nroot:x:55:\nneg:x:-7:\n',
})

function ownerOf(text: string, files: DirectoryNode = FILES, isScratch = false): Promise<unknown> {
  const lookup = { tree: async () => files, isScratch, blobs: store.blobs, openHost: openHostContent }
  return resolveOwner(text, lookup).then(({ uid, gid }) => `${uid}:${gid}`)
}

// Each row was held against BuildKit.
test.each([
  ['5', '5:5'],
  ['+5', '5:5'],
  ['5:6', '5:6'],
  ['5:', '5:0'],
  [':6', '0:6'],
  [':', '0:0'],
  ['7', '7:7'],
  ['root', '0:0'],
  ['7:root', '7:0'],
  ['bob', '12:13'],
  ['bob:', '12:0'],
  ['bob:grp', '12:14'],
  ['bob:bob', '12:15'],
  ['bob:nobody', '12:13'],
  ['12:nobody', '12:12'],
  [':nobody', '0:0'],
  ['short', '77:0'],
  ['nobody', '0:0'],
  ['nobody:9', '0:9'],
  ['5:6:7', '5:5'],
  ['neg', '4294967291:4294967290'],
  ['neg:neg', '4294967291:4294967289'],
  ['big', '3000000000:9'],
])('%s is %s', async (text, owner) => {
  expect(await ownerOf(text)).toBe(owner)
})

test('without the files names are 0, and in an empty stage they are refused, but for root', async () => {
  expect(await ownerOf('bob:grp', tree({}))).toBe('0:0')
  expect(await ownerOf('root:root', tree({}), true)).toBe('0:0')
  expect(await ownerOf('5:6', tree({}), true)).toBe('5:6')
  for (const text of ['bob', '5:grp', 'root:grp']) {
    await expect(ownerOf(text, tree({}), true)).rejects.toMatchObject({ code: 'E_USER_UNKNOWN' })
  }
  for (const text of ['4294967295', 'none']) {
    await expect(ownerOf(text)).rejects.toMatchObject({ code: 'E_USER_RANGE' })
  }
})
