import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DirectoryNode, type FileNode, isCooperageError, type TreeNode } from '@cooperage/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directory } from './directory.js'
import { readHostFile, readHostFileSync } from './open-host-file.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'context-'))
  chmodSync(root, 0o755)
})
afterEach(() => {
  // Unlike Node's own, this one can remove what lies beyond PATH_MAX.
  execFileSync('rm', ['-rf', root])
})

const put = (path: string, text = path) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

function paths(tree: DirectoryNode, prefix = ''): string[] {
  return [...tree.children]
    .flatMap(([name, node]) => {
      const path = `${prefix}${name}`
      return node.type === 'directory' ? [`${path}/`, ...paths(node, `${path}/`)] : [path]
    })
    .sort()
}

function at(tree: DirectoryNode, path: string): TreeNode | undefined {
  return path
    .split('/')
    .reduce<TreeNode | undefined>(
      (node, name) => (node as DirectoryNode | undefined)?.children.get(name),
      tree,
    )
}

const fileAt = (tree: DirectoryNode, path: string) => at(tree, path) as FileNode

function textOf(file: FileNode): string {
  const target = Buffer.alloc(file.size)
  readHostFileSync(file, target)
  return target.toString()
}

async function codeOf(action: () => unknown): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    return isCooperageError(error) ? error.code : error
  }
  return undefined
}

/** Permissions mean nothing to root. */
async function asNobody<T>(action: () => T): Promise<Awaited<T>> {
  const user = process.geteuid!()
  if (user === 0) process.seteuid!(65_534)
  try {
    return await action()
  } finally {
    if (user === 0) process.seteuid!(0)
  }
}

describe('a directory context', () => {
  it('holds files, links and empty directories, owned by root', async () => {
    put('src/a.txt', 'hello')
    mkdirSync(join(root, 'empty'))
    symlinkSync('../nowhere', join(root, 'src/link'))
    chmodSync(join(root, 'src/a.txt'), 0o4751)
    utimesSync(join(root, 'src/a.txt'), 0, 1_700_000_000.75)
    const { tree, files, bytes } = await directory(root).load()
    expect(paths(tree)).toEqual(['empty/', 'src/', 'src/a.txt', 'src/link'])
    expect([files, bytes]).toEqual([1, 5])
    expect(fileAt(tree, 'src/a.txt').meta).toEqual({ mode: 0o4751, uid: 0, gid: 0, mtime: 1_700_000_000.75 })
    expect(at(tree, 'src/link')).toMatchObject({ type: 'symlink', target: '../nowhere' })
    expect(textOf(fileAt(tree, 'src/a.txt'))).toBe('hello')
  })

  it('shows a hard link as one node with two names', async () => {
    put('a')
    linkSync(join(root, 'a'), join(root, 'b'))
    const { tree, files } = await directory(root).load()
    expect(at(tree, 'a')).toBe(at(tree, 'b'))
    expect(files).toBe(2)
  })

  it('keeps names byte by byte', async () => {
    const names = [Buffer.from([0x66, 0xff, 0x0a]), Buffer.from('日本 '), Buffer.alloc(255, 0x61)]
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'x')
    const { tree } = await directory(root).load()
    expect([...tree.children.keys()].sort()).toEqual(names.map((name) => name.toString('latin1')).sort())
    for (const node of tree.children.values()) expect(textOf(node as FileNode)).toBe('x')
  })

  it('leaves out what .dockerignore names and keeps parents of exceptions only', async () => {
    for (const path of ['src/a', 'dist/keep/x', 'dist/y', 'logs/z', 'notes.md']) put(path)
    put('.dockerignore', 'dist\n!dist/keep\nlogs\n*.md\n.dockerignore\n')
    const { tree, ignore } = await directory(root).load()
    expect(paths(tree)).toEqual(['dist/', 'dist/keep/', 'dist/keep/x', 'src/', 'src/a'])
    expect(ignore?.explain('logs/z')).toMatchObject({ excluded: true, line: 3 })
  })

  it('prefers the ignore file beside the Dockerfile, and reads both even when they are ignored', async () => {
    for (const path of ['a', 'b', 'docker/web.Dockerfile']) put(path)
    put('.dockerignore', 'a\n')
    put('docker/web.Dockerfile.dockerignore', 'b\ndocker\n.dockerignore\n')
    const context = await directory(root).load({ dockerfile: 'docker/web.Dockerfile' })
    expect(paths(context.tree)).toEqual(['a'])
    expect(Buffer.from((await context.readFile('docker/web.Dockerfile'))!).toString()).toBe(
      'docker/web.Dockerfile',
    )
    expect(await context.readFile('docker/none')).toBeUndefined()
  })

  it("can follow git's rules from a file the caller names", async () => {
    for (const path of ['src/a.log', 'src/b', 'node_modules/x/y', 'deep/node_modules/z']) put(path)
    put('.gitignore', '# made\nnode_modules/\n*.log\n')
    const { tree, ignore } = await directory(root).load({ ignoreFrom: '.gitignore' })
    expect(paths(tree)).toEqual(['.gitignore', 'deep/', 'src/', 'src/b'])
    expect(ignore?.explain('deep/node_modules/z')).toEqual({
      excluded: true,
      file: '.gitignore',
      line: 2,
      pattern: 'node_modules/',
    })
    expect(await codeOf(() => directory(root).load({ ignoreFrom: 'absent' }))).toBe('E_CTX_MISSING')
  })

  it('says how much of it git would not keep, when that is a lot', async () => {
    put('.gitignore', 'target\n')
    put('target/debug/a', '')
    execFileSync('truncate', ['-s', '60000000', join(root, 'target/debug/a')])
    expect((await directory(root).load()).gitignored).toEqual({ files: 1, bytes: 60_000_000 })
    put('.dockerignore', 'target\n')
    expect((await directory(root).load()).gitignored).toBeUndefined()
  })

  it('leaves out FIFOs and sockets with a warning and never waits for them', async () => {
    put('a')
    execFileSync('mkfifo', [join(root, 'pipe')])
    const { tree, warnings } = await directory(root).load()
    expect(paths(tree)).toEqual(['a'])
    expect(warnings).toEqual([{ path: 'pipe', kind: 'fifo' }])
    expect(await codeOf(async () => (await directory(root).load()).readFile('pipe'))).toBe('E_CTX_NOT_FILE')
  })

  it('gives no file that a link finds outside of it', async () => {
    put('a/Dockerfile', 'FROM scratch')
    symlinkSync('/etc/passwd', join(root, 'out'))
    symlinkSync('a/Dockerfile', join(root, 'in'))
    const context = await directory(root).load()
    expect(await codeOf(() => context.readFile('out'))).toBe('E_CTX_OUTSIDE')
    expect(await codeOf(() => context.readFile('../../../../../etc/passwd'))).toBe('E_CTX_OUTSIDE')
    expect(Buffer.from((await context.readFile('in'))!).toString()).toBe('FROM scratch')
  })

  it('is refused when it is missing, no directory or unreadable', async () => {
    put('file')
    mkdirSync(join(root, 'locked'), { mode: 0 })
    expect(await codeOf(() => directory(join(root, 'none')).load())).toBe('E_CTX_MISSING')
    expect(await codeOf(() => directory(join(root, 'file')).load())).toBe('E_CTX_NOT_DIR')
    expect(await asNobody(() => codeOf(() => directory(root).load()))).toBe('E_CTX_ACCESS')
    put('.dockerignore', 'locked\n!locked/x\n')
    expect(await asNobody(() => codeOf(() => directory(root).load()))).toBe(undefined)
  })

  it('stops when it is told to', async () => {
    for (let index = 0; index < 200; index++) put(`d${index}/f`)
    expect(await codeOf(() => directory(root).load({ signal: AbortSignal.abort('enough') }))).toBe('enough')
  })

  it('may not have more entries than its limit', async () => {
    for (const path of ['a', 'b', 'c']) put(path)
    expect(await codeOf(() => directory(root, { limit: 2 }).load())).toBe('E_LIMIT')
  })

  it('reaches paths beyond PATH_MAX', async () => {
    const name = 'n'.repeat(200)
    // Only step by step: no single path leads there.
    const script = `const fs = require('node:fs')
      for (let depth = 0; depth < 30; depth++) {
        fs.mkdirSync('${name}')
        process.chdir('${name}')
      }
      fs.writeFileSync('f', 'deep')`
    execFileSync(process.execPath, ['-e', script], { cwd: root })
    const { tree } = await directory(root).load()
    const file = fileAt(tree, `${`${name}/`.repeat(30)}f`)
    expect(textOf(file)).toBe('deep')
  })
})

describe('a file of a directory context', () => {
  const load = async (path: string) => fileAt((await directory(root).load()).tree, path)
  const chunksOf = async (file: FileNode) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of readHostFile(file, { chunkSize: 3 })) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('is read whole or in chunks', async () => {
    put('a', 'hello world')
    const file = await load('a')
    expect(textOf(file)).toBe('hello world')
    expect(await chunksOf(file)).toBe('hello world')
  })

  it('is refused when it was written, replaced, cut, or made a link or a FIFO after the walk', async () => {
    const changes: Record<string, (path: string) => void> = {
      write: (path) => writeFileSync(path, 'HELLO'),
      grow: (path) => writeFileSync(path, 'hello, world'),
      cut: (path) => writeFileSync(path, ''),
      replace: (path) => {
        writeFileSync(`${path}.new`, 'hello')
        renameSync(`${path}.new`, path)
      },
      remove: (path) => rmSync(path),
      link: (path) => {
        rmSync(path)
        symlinkSync('/etc/passwd', path)
      },
      fifo: (path) => {
        rmSync(path)
        execFileSync('mkfifo', [path])
      },
    }
    for (const [name, change] of Object.entries(changes)) {
      put(name, 'hello')
      const file = await load(name)
      // Two writes within one tick of the kernel's clock carry the same times.
      await new Promise((resolve) => setTimeout(resolve, 15))
      change(join(root, name))
      expect(await codeOf(() => textOf(file)), name).toBe('E_CTX_CHANGED')
      expect(await codeOf(() => chunksOf(file)), name).toBe('E_CTX_CHANGED')
      rmSync(join(root, name), { force: true })
    }
  })

  it('is refused when a parent became a link to somewhere else', async () => {
    put('dir/passwd', 'mine')
    const file = await load('dir/passwd')
    renameSync(join(root, 'dir'), join(root, 'old'))
    symlinkSync('/etc', join(root, 'dir'))
    expect(await codeOf(() => textOf(file))).toBe('E_CTX_CHANGED')
  })

  it('that may not be read is named, with advice', async () => {
    put('secret')
    chmodSync(join(root, 'secret'), 0)
    const file = await load('secret')
    expect(await asNobody(() => codeOf(() => textOf(file)))).toBe('E_CTX_ACCESS')
    await asNobody(() => expect(() => textOf(file)).toThrow(/secret/))
  })
})
