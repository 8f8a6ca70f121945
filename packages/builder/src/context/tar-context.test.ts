import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import {
  type DirectoryNode,
  isCooperageError,
  MemoryBlobStore,
  openContents,
  type TreeNode,
} from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tarContext } from './tar-context.js'

let root: string
let archive: Buffer

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tar-context-'))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src/a'), 'hello')
  linkSync(join(root, 'src/a'), join(root, 'b'))
  symlinkSync('src/a', join(root, 'link'))
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\n')
  writeFileSync(join(root, '.dockerignore'), 'Dockerfile\n.dockerignore\n')
  chmodSync(join(root, 'src/a'), 0o640)
  archive = execFileSync('tar', ['-c', '--owner=1000', '--group=1000', '--mtime=@7', '-C', root, '.'])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const at = (tree: DirectoryNode, path: string) =>
  path
    .split('/')
    .reduce<TreeNode | undefined>(
      (node, name) => (node as DirectoryNode | undefined)?.children.get(name),
      tree,
    )

async function codeOf(action: () => unknown): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    return isCooperageError(error) ? error.code : error
  }
  return undefined
}

describe('an archive as a context', () => {
  it('is read plain or compressed, its content kept in the store, as with docker build', async () => {
    for (const bytes of [archive, gzipSync(archive)]) {
      await using spool = new MemoryBlobStore()
      const context = await tarContext(inChunks(bytes, 1000)).load({ spool })
      expect([...context.tree.children.keys()].sort()).toEqual([
        '.dockerignore',
        'Dockerfile',
        'b',
        'link',
        'src',
      ])
      const file = at(context.tree, 'src/a')
      expect(file).toBe(at(context.tree, 'b'))
      expect(file).toMatchObject({
        type: 'file',
        size: 5,
        meta: { mode: 0o640, uid: 1000, gid: 1000, mtime: 7 },
      })
      expect(at(context.tree, 'link')).toMatchObject({ target: 'src/a', meta: { uid: 1000 } })
      expect(context.files).toBe(4)
      if (file?.type !== 'file') continue
      await using contents = await openContents([file], spool)
      const target = Buffer.alloc(5)
      expect(contents.open(file).read(target)).toBe(5)
      expect(target.toString()).toBe('hello')
      expect(Buffer.from((await context.readFile('Dockerfile'))!).toString()).toBe('FROM scratch\n')
    }
  })

  it('comes from any stream, once', async () => {
    await using spool = new MemoryBlobStore()
    const source = tarContext(Readable.from([archive]))
    expect((await source.load({ spool })).files).toBe(4)
    expect(await codeOf(() => source.load({ spool }))).toBe('E_CTX_CONSUMED')
  })

  it('is refused when it is empty, cut, or followed by junk', async () => {
    await using spool = new MemoryBlobStore()
    const code = (bytes: Uint8Array) => codeOf(() => tarContext(inChunks(bytes, 4096)).load({ spool }))
    expect(await code(Buffer.alloc(0))).toBe('E_TAR_EMPTY')
    expect(await code(archive.subarray(0, 1300))).toBe('E_TAR_TRUNCATED')
    expect(await code(gzipSync(archive).subarray(0, 100))).toBe('E_GZIP_TRUNCATED')
    expect(await code(Buffer.concat([archive, Buffer.from('junk')]))).toBe('E_TAR_TRAILING')
    expect(await code(Buffer.from('BZh91AY&SY'))).toBe('E_BZIP2_TRUNCATED')
  })
})
