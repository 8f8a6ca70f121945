import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BAD_IMAGES, badArchives, badTarContexts } from './bad-archive-cases.js'
import { BAD_CONTEXTS, BAD_DOCKERFILES, BAD_LINES, type BadInput } from './bad-input-cases.js'
import { workspace } from './workspace.js'

/**
 * Rows of the list that cannot be met here, and why:
 * 24 and 25 need a file that changes while it is read, or a reader who is not root: the tests of the directory context
 * make them. 36 to 42 and 48 to 50 are of a registry, 66 and 67 of RUN, 68 of git contexts, 63 of caches that are
 * imported: none is served, and asking for one is refused (E_CLI, or E_NO_EXECUTOR for RUN). 47 speaks of layers to be
 * fetched from elsewhere. 52 needs a tag and a digest to disagree in a registry. 55 to 57 are damage to a store, and
 * 58 a full disk: cache-damage.test.ts and the tests of the store. 70 is interrupt.test.ts.
 */
const space = workspace('bad-input')

/** Longer than any of these should take on a busy machine. */
const IN_TIME = 20_000
const BUILD = ['build', '-t', 'bad:1', '-o', 'type=docker,dest=out.tar']

let serial = 0

async function judge(input: BadInput): Promise<void> {
  const name = `case-${serial++}`
  const folder = space.folder(name, {})
  const dockerfile = input.whole ?? `FROM scratch\n${input.lines ?? 'COPY a /x'}\n`
  space.folder(`${name}/c`, { Dockerfile: dockerfile, a: 'a\n', ...input.files })
  input.prepare?.(folder)
  const given = input.args ?? ['BUILD']
  const args = given[0] === 'BUILD' ? [...BUILD, ...given.slice(1), 'c'] : given
  const options = { cwd: folder, env: { HOME: folder, ...input.env } }
  const before = everyName(folder)
  const run = await space.run(args, { ...options, ...(input.stdin && { stdin: input.stdin(folder) }) })
  const { code, signal, stdout, stderr } = run
  const said = `${stderr.slice(0, 2000)}`
  expect(signal, said).toBe(null)
  expect(said).not.toMatch(/^ {4}at /m)
  expect(said).not.toMatch(/E_INTERNAL|this is a fault in cooper/)
  if (input.loads) {
    expect([code, stdout], said).toEqual([0, expect.stringContaining('bad:1')])
    return
  }
  expect(stdout).toBe('')
  const after = everyName(folder)
  const left = after.filter((path) => !before.includes(path) && /\.tmp|\.tar$|^no\b/.test(path))
  if (input.ok !== undefined) {
    expect(code, said).toBe(0)
    if (input.ok instanceof RegExp) expect(stderr).toMatch(input.ok)
    expect(left).toEqual(['out.tar'])
    return
  }
  const found = /^error\[(E_\w+)\]: /m.exec(stderr)?.[1] ?? said
  if (typeof input.code === 'string') expect(found, said).toBe(input.code)
  else expect(found, said).toMatch(input.code!)
  expect(code, said).toBe(input.exit ?? 1)
  if (input.says !== undefined) expect(stderr).toMatch(input.says)
  expect(left).toEqual([])
  const names = await space.run(['images', '--format', 'json'], options)
  expect(names.code === 0 ? names.stdout : '').not.toContain('bad')
}

/** Every path of the folder, the store left out. */
function everyName(folder: string): string[] {
  return namesBelow(folder, '').filter((path) => !/^\.local|^store|^open/.test(path))
}

/** Without following links: some of these folders have one that leads into the kernel's file systems. */
function namesBelow(folder: string, prefix: string): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = join(prefix, entry.name)
    return entry.isDirectory() ? [path, ...namesBelow(folder, path)] : [path]
  })
}

const TABLES = {
  'a Dockerfile': BAD_DOCKERFILES,
  'a context': BAD_CONTEXTS,
  'an archive as a context': badTarContexts(),
  'a base image': BAD_IMAGES,
  'an archive of images': badArchives(),
  'a command line or a store': BAD_LINES,
}

describe.each(Object.entries(TABLES))(
  'what is wrong with %s is said in order, and nothing stays behind',
  (_, table) => {
    it.concurrent.each(table.map((input) => [input.row, input.name, input] as const))(
      'row %i: %s',
      async (_row, _name, input) => judge(input),
      IN_TIME,
    )
  },
)
