import { type DirectoryNode, directoryOf, MemoryBlobStore, TreeEditor, type TreeNode } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { openHostContent } from '../context/host-content.js'
import { elfFacts } from './elf-facts.js'
import { explainStart } from './explain-start.js'

const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 }
const HERE = { x64: [62, 'amd64'], arm64: [183, 'arm64'] }[process.arch as 'x64' | 'arm64'] as [
  number,
  string,
]
const OTHER = HERE[0] === 62 ? ([183, 'arm64'] as const) : ([62, 'amd64'] as const)

interface Elf {
  readonly machine: number
  readonly interpreter?: string
  readonly bits?: 32 | 64
  readonly big?: boolean
}

/** The beginning of a program. */
function elf({ machine, interpreter, bits = 64, big = false }: Elf): Buffer {
  const file = Buffer.alloc(512)
  file.writeUInt32BE(0x7f454c46)
  file[4] = bits === 64 ? 2 : 1
  file[5] = big ? 2 : 1
  const u16 = (value: number, at: number) =>
    big ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at)
  const u32 = (value: number, at: number) =>
    big ? file.writeUInt32BE(value, at) : file.writeUInt32LE(value, at)
  const word = (value: number, at: number) => {
    if (bits === 32) u32(value, at)
    else if (big) file.writeBigUInt64BE(BigInt(value), at)
    else file.writeBigUInt64LE(BigInt(value), at)
  }
  const [offset, size, count, table] = bits === 64 ? [32, 54, 56, 64] : [28, 42, 44, 52]
  u16(machine, 18)
  word(table, offset)
  u16(bits === 64 ? 56 : 32, size)
  u16(1, count)
  u32(interpreter === undefined ? 1 : 3, table)
  word(256, table + (bits === 64 ? 8 : 4))
  word((interpreter ?? '').length + 1, table + (bits === 64 ? 32 : 16))
  file.write(interpreter ?? '', 256, 'latin1')
  return file
}

function tree(entries: Readonly<Record<string, string | Buffer | TreeNode>>): DirectoryNode {
  const editor = new TreeEditor(directoryOf(meta))
  for (const [path, entry] of Object.entries(entries)) {
    const names = path.split('/')
    editor.ensureDirectory(names.slice(0, -1), () => directoryOf(meta))
    const isContent = typeof entry === 'string' || Buffer.isBuffer(entry)
    const bytes = isContent ? Buffer.from(entry as string) : Buffer.alloc(0)
    editor.put(
      names,
      isContent ? { type: 'file', meta, size: bytes.length, content: { kind: 'bytes', bytes } } : entry,
    )
  }
  return editor.finish()
}

function explain(program: string, entries: Parameters<typeof tree>[0], cwd = '/') {
  return explainStart(program, {
    tree: tree(entries),
    blobs: new MemoryBlobStore(),
    openHost: openHostContent,
    env: ['PATH=/no:/bin'],
    cwd,
  })
}

describe('the beginning of a program', () => {
  it.each([
    [{ machine: 62 }, { architecture: 'amd64', interpreter: undefined }],
    [
      { machine: 183, interpreter: '/lib/ld.so' },
      { architecture: 'arm64', interpreter: '/lib/ld.so' },
    ],
    [
      { machine: 40, bits: 32, interpreter: '/lib/a' },
      { architecture: 'arm', interpreter: '/lib/a' },
    ],
    [
      { machine: 22, big: true, interpreter: '/lib/b' },
      { architecture: 's390x', interpreter: '/lib/b' },
    ],
    [
      { machine: 21, big: true },
      { architecture: 'ppc64', interpreter: undefined },
    ],
    [{ machine: 21 }, { architecture: 'ppc64le', interpreter: undefined }],
    [{ machine: 9999 }, { architecture: 'machine 9999', interpreter: undefined }],
  ] as const)('%j', (given, expected) => {
    expect(elfFacts(elf(given))).toEqual(expected)
  })

  it('may be cut anywhere, or say anything', () => {
    const whole = elf({ machine: 62, interpreter: '/lib/ld.so' })
    for (let length = 0; length < whole.length; length++) elfFacts(whole.subarray(0, length))
    for (let at = 4; at < 120; at++) {
      const damaged = Buffer.from(whole)
      damaged.fill(0xff, at, at + 8)
      elfFacts(damaged)
    }
    expect(elfFacts(Buffer.from('#!/bin/sh\n'.padEnd(100)))).toBeUndefined()
  })
})

describe('why a program does not start', () => {
  const here = elf({ machine: HERE[0], interpreter: '/lib/ld.so' })
  it.each([
    ['/bin/sh', {}, /^there is no \/bin\/sh in the image$/],
    ['sh', { sh: here }, /^there is no sh in PATH of the image$/],
    ['/d', { d: directoryOf(meta) }, /^\/d is not a file$/],
    [
      '/bin/x',
      { 'bin/x': elf({ machine: OTHER[0] }) },
      new RegExp(`exec format error: /bin/x is a program for ${OTHER[1]}`),
    ],
    ['x', { 'bin/x': here }, /^\/bin\/x needs \/lib\/ld.so, which the image does not have$/],
    ['x', { 'bin/x': here, 'lib/ld.so': here }, undefined],
    ['x', { 'bin/x': '#! /bin/python -u\n' }, /^\/bin\/x is a script for \/bin\/python, which/],
    ['x', { 'bin/x': '#!/lib/ld.so\n', 'lib/ld.so': here }, undefined],
    ['x', { 'bin/x': 'echo hello\n' }, /^exec format error: \/bin\/x is neither/],
    ['x', { 'bin/x': '' }, /^exec format error: \/bin\/x is neither/],
    ['x', { 'bin/x': { type: 'symlink', meta, target: '../y' }, y: here, 'lib/ld.so': here }, undefined],
  ] as const)('%s', async (program, entries, expected) => {
    const said = await explain(program, entries as Parameters<typeof tree>[0])
    if (expected === undefined) expect(said).toBeUndefined()
    else expect(said).toMatch(expected)
  })

  it('is looked for from the working directory', async () => {
    const entries = { 'w/x': elf({ machine: HERE[0] }) }
    expect(await explain('./x', entries, '/w')).toBeUndefined()
    expect(await explain('./x', entries, '/')).toBe('there is no ./x in the image')
  })
})
