import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MemoryBlobStore } from '@cooperage/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directory } from './directory.js'
import { type ContextListing, listContext } from './list-context.js'
import { memory } from './memory.js'
import { tarContext } from './tar-context.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'listing-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), 0o644)
  }
}

const sent = ({ entries }: ContextListing) => entries.map(({ path }) => path)
const left = ({ ignored }: ContextListing) =>
  ignored.map(({ path, file, line, pattern }) => `${path} ${file}:${line} ${pattern}`)

const PROJECT = {
  '.dockerignore': '# what is not for images\nnode_modules\n\n*.log\nout\n!out/keep\n',
  Dockerfile: 'FROM scratch\n',
  'a-b': '12',
  'a/x': '123',
  'a/b.log': '1234',
  'node_modules/p/index.js': '12345',
  'out/drop': '123456',
  'out/deep/er/drop': '1234567',
  'out/keep/it': '12345678',
  'top.log': '1',
}
const LEFT = [
  'node_modules/ .dockerignore:2 node_modules',
  'out/deep/ .dockerignore:5 out',
  'out/drop .dockerignore:5 out',
  'top.log .dockerignore:4 *.log',
]

describe.each([
  [
    'a directory',
    (files: Readonly<Record<string, string>>) => {
      put(files)
      return directory(root)
    },
  ],
  ['a context of values', memory],
])('the listing of %s', (_, make) => {
  it('names what is there, what is not, and the line that decided', async () => {
    const listing = await listContext(make(PROJECT))
    expect(sent(listing)).toEqual([
      '.dockerignore',
      'Dockerfile',
      'a-b',
      'a/',
      'a/b.log',
      'a/x',
      'out/',
      'out/keep/',
      'out/keep/it',
    ])
    expect(listing.entries.find(({ path }) => path === 'a/x')).toEqual({
      path: 'a/x',
      type: 'file',
      size: 3,
      mode: 0o644,
    })
    expect(left(listing)).toEqual(LEFT)
    expect(listing.totals.sent).toEqual({
      files: 6,
      bytes: PROJECT['.dockerignore'].length + PROJECT.Dockerfile.length + 2 + 3 + 4 + 8,
    })
    // Below out/deep nothing can come back, below out something can.
    expect(listing.totals.ignored).toEqual({ files: 2, bytes: 7, unreadDirectories: 2 })
  })

  it('names all that is below ignored directories when asked to', async () => {
    const listing = await listContext(make(PROJECT), { entersIgnored: true })
    expect(left(listing)).toEqual([
      'node_modules/ .dockerignore:2 node_modules',
      'node_modules/p/ .dockerignore:2 node_modules',
      'node_modules/p/index.js .dockerignore:2 node_modules',
      'out/deep/ .dockerignore:5 out',
      'out/deep/er/ .dockerignore:5 out',
      'out/deep/er/drop .dockerignore:5 out',
      'out/drop .dockerignore:5 out',
      'top.log .dockerignore:4 *.log',
    ])
    expect(listing.totals.ignored).toEqual({ files: 4, bytes: 19, unreadDirectories: 0 })
    expect(sent(listing)).toEqual(sent(await listContext(make(PROJECT))))
  })

  it('names an ignored directory once also where a pattern could bring something back', async () => {
    const ignore = { file: 'rules', text: '*\n!**/*.js\n!out\nout/d*\n' }
    const listing = await listContext(make(PROJECT), { ignore })
    expect(sent(listing)).toEqual([
      'node_modules/',
      'node_modules/p/',
      'node_modules/p/index.js',
      'out/',
      'out/keep/',
      'out/keep/it',
    ])
    expect(left(listing)).toEqual([
      '.dockerignore rules:1 *',
      'Dockerfile rules:1 *',
      'a-b rules:1 *',
      'a/ rules:1 *',
      'out/deep/ rules:4 out/d*',
      'out/drop rules:4 out/d*',
      'top.log rules:1 *',
    ])
    expect(listing.totals.ignored.files).toBe(8)
  })

  it('tells the rules of git from those of .dockerignore', async () => {
    const rules = { ...PROJECT, '.gitignore': 'a/\n!top.log\n/a-b\n' }
    const source = make(rules)
    expect(left(await listContext(source, { ignoreFrom: '.gitignore' }))).toEqual([
      'a-b .gitignore:3 /a-b',
      'a/ .gitignore:1 a/',
      ...LEFT,
    ])
  })

  it('takes the ignore file of the Dockerfile that is named, which must be there', async () => {
    const files = { ...PROJECT, 'x.dockerignore': '*\n', x: '' }
    const source = make(files)
    const listing = await listContext(source, { dockerfile: 'x' })
    expect(sent(listing)).toEqual([])
    expect(new Set(listing.ignored.map(({ file }) => file))).toEqual(new Set(['x.dockerignore']))
    await expect(listContext(source, { dockerfile: 'y' })).rejects.toMatchObject({ code: 'E_DF_MISSING' })
  })
})

it('the listing warns of pipes that are left out, shows links as links and each name of a file', async () => {
  put({ a: '123', '.dockerignore': 'q\n' })
  linkSync(join(root, 'a'), join(root, 'b'))
  symlinkSync('nowhere', join(root, 'c'))
  execFileSync('mkfifo', [join(root, 'p'), join(root, 'q')])
  const listing = await listContext(directory(root))
  expect(listing.entries.map(({ path, type, size }) => [path, type, size])).toEqual([
    ['.dockerignore', 'file', 2],
    ['a', 'file', 3],
    ['b', 'file', 3],
    ['c', 'symlink', 0],
  ])
  expect(listing.warnings).toEqual([{ path: 'p', kind: 'fifo' }])
  expect(left(listing)).toEqual(['q .dockerignore:1 q'])
  expect(listing.totals).toEqual({
    sent: { files: 3, bytes: 8 },
    ignored: { files: 0, bytes: 0, unreadDirectories: 0 },
  })
})

it('the listing of an archive has all that is in it', async () => {
  put({ '.dockerignore': '*\n', 'd/a': '123' })
  const archive = execFileSync('tar', ['-c', '-C', root, '.dockerignore', 'd'])
  async function* stream() {
    yield archive
  }
  const listing = await listContext(tarContext(stream()), { spool: new MemoryBlobStore() })
  expect(sent(listing)).toEqual(['.dockerignore', 'd/', 'd/a'])
  expect([listing.ignored, listing.warnings]).toEqual([[], []])
})

it('a listing without an ignore file ignores nothing, and ends when it is told to', async () => {
  put({ a: '' })
  expect((await listContext(directory(root))).ignored).toEqual([])
  await expect(listContext(directory(root), { signal: AbortSignal.abort() })).rejects.toThrow()
})
