import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type BuildResult, build, directory } from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { hostTool } from './rival-tools.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('cache')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))

/** Files younger than a tick of the file system's clock are not trusted. */
const settled = () => sleep(60)

type Files = Readonly<Record<string, string>>
let stores = 0

interface Shop {
  readonly context: string
  build(options?: Parameters<typeof build>[0] extends infer O ? Partial<O> : never): Promise<BuildResult>
}

/** A context and a store of its own. */
async function shop(files: Files): Promise<Shop> {
  const number = stores++
  const context = space.folder(`context-${number}`, files)
  await settled()
  return {
    context,
    async build(options = {}) {
      await using store = await openStore({ path: space.path(`store-${number}`) })
      return await build({ store, context: directory(context), ...options })
    },
  }
}

const THREE = { Dockerfile: 'FROM scratch\nCOPY . /app/\n', a: 'first\n', b: 'second\n', 'sub/c': 'third\n' }

it('a layer does not depend on what is known of the files below it', async () => {
  const twice = {
    Dockerfile: 'FROM scratch AS below\nCOPY a /x/a\nFROM below\nCOPY . /x\n',
    a: 'one\n',
    b: 'b',
  }
  const cold = await shop(twice)
  const warm = await shop(twice)
  for (const { context } of [cold, warm])
    for (const name of Object.keys(twice)) utimesSync(join(context, name), 1_500_000_000, 1_500_000_000)
  await settled()
  // Of a layer that comes from the cache only the tar is known, not what its files hold.
  await warm.build({ target: 'below' })
  const expected = await cold.build({ sourceDateEpoch: 1_600_000_000 })
  await warm.build({ target: 'below', sourceDateEpoch: 1_600_000_000 })
  const found = await warm.build({ sourceDateEpoch: 1_600_000_000 })
  expect(found.stats.cached).toBe(1)
  expect(found.descriptor).toEqual(expected.descriptor)
})

describe('the second build', () => {
  it('takes every step from the store, reads no file and gives the same image', async () => {
    const { build } = await shop(THREE)
    const first = await build()
    expect(first.stats).toMatchObject({ steps: 1, cached: 0, filesRead: 4, contextFiles: 4 })
    const second = await build()
    expect(second.stats).toMatchObject({ steps: 1, cached: 1, filesRead: 0, bytesRead: 0, contextFiles: 4 })
    expect(second.descriptor).toEqual(first.descriptor)
    expect(second.imageId).toBe(first.imageId)
  })

  it('reads the one file that was touched, and finds that it is the same', async () => {
    const { build, context } = await shop(THREE)
    const first = await build()
    utimesSync(join(context, 'b'), 1_500_000_000, 1_500_000_000)
    await settled()
    const second = await build()
    expect(second.stats).toMatchObject({ cached: 1, filesRead: 1, bytesRead: 7 })
    expect(second.imageId).toBe(first.imageId)
    expect((await build()).stats.filesRead).toBe(0)
  })

  it('makes a new layer of a file that changed, and only reads that file again', async () => {
    const { build, context } = await shop({
      ...THREE,
      Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b sub /x/\n',
    })
    const first = await build()
    writeFileSync(join(context, 'b'), 'SECOND\n')
    await settled()
    const second = await build()
    expect(second.stats).toMatchObject({ steps: 2, cached: 1 })
    const [same, changed] = second.config.rootfs.diff_ids
    expect([same === first.config.rootfs.diff_ids[0], changed === first.config.rootfs.diff_ids[1]]).toEqual([
      true,
      false,
    ])
  })

  it('sees a change that keeps size and time', async () => {
    const { build, context } = await shop(THREE)
    utimesSync(join(context, 'a'), 1_500_000_000, 1_500_000_000)
    await settled()
    const first = await build()
    writeFileSync(join(context, 'a'), 'FIRST\n')
    utimesSync(join(context, 'a'), 1_500_000_000, 1_500_000_000)
    await settled()
    expect((await build()).config.rootfs.diff_ids).not.toEqual(first.config.rootfs.diff_ids)
  })

  it('runs every step again when told to, and comes to the same layers', async () => {
    const { build } = await shop({ ...THREE, Dockerfile: 'FROM scratch\nCOPY a b /x/\nWORKDIR /w\n' })
    const first = await build({ sourceDateEpoch: 1_000_000_000 })
    const second = await build({ sourceDateEpoch: 1_000_000_000, noCache: true })
    expect(second.stats).toMatchObject({ steps: 2, cached: 0 })
    expect(second.imageId).toBe(first.imageId)
  })

  it('runs again only the steps of the stages that were named', async () => {
    const Dockerfile = 'FROM scratch AS one\nCOPY a /\nFROM scratch AS two\nCOPY b /\nCOPY --from=one /a /\n'
    const { build } = await shop({ ...THREE, Dockerfile })
    await build()
    expect((await build({ noCache: ['one'] })).stats).toMatchObject({ steps: 3, cached: 2 })
  })
})

describe('what is asked of the operating system', () => {
  const strace = hostTool('strace')
  it.skipIf(strace === undefined)('is no content of the context the second time', async () => {
    const context = space.folder('traced', THREE)
    await settled()
    const opened = (name: string) => {
      const log = space.path(`${name}.strace`)
      const env = { PATH: process.env.PATH, HOME: space.path('traced-home') }
      const traced = [
        '-f',
        '-qq',
        '-y',
        '-s',
        '4096',
        '-e',
        'trace=openat,open,read,pread64,readv,mmap',
        '-o',
        log,
      ]
      execFileSync('strace', [...traced, process.execPath, COOPER, 'build', '-q', context], {
        env,
        stdio: 'pipe',
      })
      // With -y every descriptor stands with the path of its file, also in the answer of an open.
      const files = readFileSync(log, 'utf8').matchAll(/(?<=<)\/[^>"]+(?=>)/g)
      const names = [...files].flatMap(([path]) =>
        path.startsWith(`${context}/`) ? [path.slice(context.length + 1)] : [],
      )
      return [...new Set(names)].filter((path) => path !== 'sub').sort()
    }
    expect(opened('first')).toEqual(expect.arrayContaining(['Dockerfile', 'a', 'b', 'sub/c']))
    // The text to build, and the lists of what to leave out, are read each time.
    expect(opened('second').filter((path) => !path.endsWith('ignore'))).toEqual(['Dockerfile'])
  })
})

describe('a step is not taken for another', () => {
  /** Pairs that give the same text when fields are joined without care. */
  const PAIRS: readonly { readonly what: string; readonly one: Files; readonly two: Files }[] = [
    { what: 'a name moved into the content', one: { ab: 'c' }, two: { a: 'bc' } },
    { what: 'a content moved to the next file', one: { a: 'xy', b: 'z' }, two: { a: 'x', b: 'yz' } },
    { what: 'contents exchanged', one: { a: '1', b: '2' }, two: { a: '2', b: '1' } },
    { what: 'a folder in the name', one: { 'a/b': '' }, two: { 'a b': '' } },
    { what: 'a file that became a folder', one: { a: '' }, two: { 'a/.keep': '' } },
    { what: 'a file more', one: { a: '' }, two: { a: '', b: '' } },
    { what: 'a file deeper', one: { 'a/b/c': 'x' }, two: { 'a/b': 'x' } },
    { what: 'a digest as content', one: { a: 'file;644,0,0;' }, two: { a: 'file;644,0,0' } },
  ]
  it.each(PAIRS)('$what', async ({ one, two }) => {
    const dockerfile = { text: 'FROM scratch\nCOPY . /\n' }
    const epoch = { dockerfile, sourceDateEpoch: 1_000_000_000 }
    const first = await shop(one)
    const before = await first.build(epoch)
    const other = space.folder(`context-other-${stores}`, two)
    const after = await first.build({ ...epoch, context: directory(other) })
    expect(after.stats.cached).toBe(0)
    expect(after.config.rootfs.diff_ids).not.toEqual(before.config.rootfs.diff_ids)
  })

  const LINES: readonly (readonly [string, string])[] = [
    ['COPY a /b', 'COPY b /a'],
    ['COPY a b /c/', 'COPY a /b/c/'],
    ['COPY a /b', 'COPY --chown=1 a /b'],
    ['COPY --chown=1:2 a /b', 'COPY --chown=12 a /b'],
    ['COPY --chown=1 a /b', 'COPY --chown=1:0 a /b'],
    ['COPY a /b', 'COPY --chmod=600 a /b'],
    ['COPY --chmod=600 a /b', 'COPY --chown=600 a /b'],
    ['COPY a /x', 'COPY a /x/'],
    ['COPY . /x', 'COPY --exclude=a . /x'],
    ['COPY d/e /x/', 'COPY --parents d/e /x/'],
    ['WORKDIR /x', 'WORKDIR /x/y'],
    ['USER 1\nWORKDIR /x', 'USER 2\nWORKDIR /x'],
    ['COPY <<a /x\nb\na', 'COPY <<b /x\na\nb'],
  ]
  it.each(LINES)('%j and %j', async (one, two) => {
    const { build } = await shop({ a: 'same\n', b: 'same\n', 'd/e': 'e' })
    const with_ = (line: string) => ({
      dockerfile: { text: `FROM scratch\n${line}\n` },
      sourceDateEpoch: 1_000_000_000,
    })
    const first = await build(with_(one))
    const second = await build(with_(two))
    expect(second.stats.cached).toBe(0)
    expect(second.config.rootfs.diff_ids).not.toEqual(first.config.rootfs.diff_ids)
  })

  it('a mode that changed', async () => {
    const { build, context } = await shop({ ...THREE })
    const first = await build()
    execFileSync('chmod', ['755', join(context, 'a')])
    await settled()
    const second = await build()
    expect(second.stats.cached).toBe(0)
    expect(second.config.rootfs.diff_ids).not.toEqual(first.config.rootfs.diff_ids)
  })
})

describe('COPY --from a stage', () => {
  it('is found again by what it takes, though the stage has changed elsewhere', async () => {
    const Dockerfile =
      'FROM scratch AS made\nCOPY . /all/\nFROM scratch\nCOPY --from=made /all/a /a\nCOPY b /\n'
    const { build, context } = await shop({ ...THREE, Dockerfile })
    const first = await build()
    appendFileSync(join(context, 'sub/c'), 'more')
    await settled()
    const second = await build()
    expect(second.stats).toMatchObject({ steps: 3, cached: 2 })
    expect(second.imageId).toBe(first.imageId)
  })
})

describe('an image that is the same', () => {
  it('is told so by the command', async () => {
    const context = space.folder('command', THREE)
    await settled()
    const ids = []
    for (let time = 0; time < 2; time++) ids.push((await space.run(['build', '-q', context])).stdout)
    expect(ids[1]).toBe(ids[0])
    const { stderr } = await space.run(['build', context])
    expect(stderr).toMatch(/^#\d+ CACHED$/m)
    expect(storeOf(space.root)).toMatch(/cooperage$/)
  })
})
