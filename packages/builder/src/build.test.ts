import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Digest, openStore, parseConfig, scanTar } from '@cooperage/store'
import { describe, expect, it, onTestFinished } from 'vitest'
import { storeDirectory } from '../../../test/store-directory.js'
import { build } from './build.js'
import type { BuildOptions } from './build-options.js'
import { directory } from './context/directory.js'
import { memory } from './context/memory.js'

async function started(dockerfile: string) {
  const store = await openStore({ path: await storeDirectory() })
  return build({ store, context: memory({ Dockerfile: dockerfile, a: 'a' }) })
}

// The handle is a promise, and what an async function returns is awaited: so it goes in a box.
const boxed = async (dockerfile: string) => {
  const store = await openStore({ path: await storeDirectory() })
  return { handle: build({ store, context: memory({ Dockerfile: dockerfile, a: 'a' }) }) }
}

async function watched(options: BuildOptions) {
  const handle = build(options)
  const warned: string[] = []
  for await (const event of handle) if (event.type === 'warning') warned.push(event.message)
  return { result: await handle, warned }
}

describe('the handle of a build', () => {
  it('is a promise of the result', async () => {
    const result = await started('FROM scratch\nCOPY a /\n')
    expect(result.stats.steps).toBe(1)
    const { handle } = await boxed('FORM scratch\n')
    expect(handle).toBeInstanceOf(Promise)
    let isOver = false
    const caught = await handle.finally(() => (isOver = true)).catch((error: unknown) => error)
    expect(caught).toMatchObject({ code: 'E_DF_UNKNOWN' })
    expect(isOver).toBe(true)
  })

  it.each([
    ['FORM scratch\n', 'E_DF_UNKNOWN'],
    ['FROM scratch\nCOPY nosuch /\n', 'E_COPY_NOT_FOUND'],
  ])('ends the events of a failed build with the error (%j)', async (dockerfile, code) => {
    const { handle } = await boxed(dockerfile)
    const types: string[] = []
    const reading = async () => {
      for await (const event of handle) types.push(event.type)
    }
    await expect(reading()).rejects.toMatchObject({ code })
    expect(types).toContain('step.end')
    await expect(handle).rejects.toMatchObject({ code })
  })

  it('gives its events to one reader at a time, and the rest to the next', async () => {
    const { handle } = await boxed('FROM scratch\nCOPY a /\n')
    const seen: string[] = []
    for await (const event of handle) {
      seen.push(event.type)
      await expect(handle[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'E_EVENTS_TAKEN' })
      if (seen.length === 2) break
    }
    await handle
    for await (const event of handle) seen.push(event.type)
    const steps = (type: string) => seen.filter((one) => one === type).length
    expect(steps('step.start')).toBeGreaterThan(1)
    expect(steps('step.end')).toBe(steps('step.start'))
  })
})

describe('a store in the context', () => {
  it('is no part of it, however the context is reached', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cooperage-build-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /\n')
    await symlink('.', join(folder, 'here'))
    await using store = await openStore({ path: join(folder, '.cooperage') })
    const images: string[] = []
    for (const path of [folder, join(folder, 'here'), folder]) {
      const { result, warned } = await watched({ store, context: directory(path), sourceDateEpoch: 1 })
      expect(warned).toEqual(['.cooperage is left out of the context: it is the store of this build'])
      expect(result.stats.contextFiles).toBe(1)
      images.push(result.imageId)
    }
    expect(new Set(images).size).toBe(1)
    await writeFile(join(folder, '.dockerignore'), '.cooperage\n')
    expect((await watched({ store, context: directory(folder) })).warned).toEqual([])
  })
})

describe('a context', () => {
  async function folderOf(files: Record<string, string>) {
    const folder = await mkdtemp(join(tmpdir(), 'cooperage-build-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return folder
  }

  it('gives its root the time of the build, also through a link', async () => {
    const folder = await folderOf({ Dockerfile: 'FROM scratch\nCOPY l /x\nCOPY l* /y/\n' })
    await symlink('.', join(folder, 'l'))
    await using store = await openStore({ path: await storeDirectory() })
    const { config } = await build({ store, context: directory(folder), sourceDateEpoch: 1_600_000_000 })
    const times = new Map<string, number>()
    for (const diffId of config.rootfs.diff_ids) {
      await using range = await store.blobs.openRange(diffId as Digest)
      for await (const { entry } of scanTar(range)) times.set(entry.name, entry.mtime)
    }
    expect(times.get('x/')).toBe(1_600_000_000)
    expect(times.get('y/')).toBe(1_600_000_000)
  })

  it('is ignored by the file beside the Dockerfile that is used, whichever of the two names it has', async () => {
    const text = 'FROM scratch\nCOPY . /\n'
    const ignores = { 'dockerfile.dockerignore': '*\n!small', 'Dockerfile.dockerignore': '*\n!large\n!other' }
    const files = { ...ignores, small: '', large: '', other: '' }
    await using store = await openStore({ path: await storeDirectory() })
    for (const [name, count] of [
      ['dockerfile', 1],
      ['Dockerfile', 2],
    ] as const) {
      const context = directory(await folderOf({ ...files, [name]: text }))
      expect((await build({ store, context })).stats.contextFiles, name).toBe(count)
    }
  })
})

describe('HEALTHCHECK', () => {
  it('takes every duration that Go has', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const Dockerfile = 'FROM scratch\nHEALTHCHECK --interval=2600h1ns --timeout=2501h CMD x\n'
    const { config, imageId } = await build({ store, context: memory({ Dockerfile }) })
    expect(config.config?.Healthcheck).toEqual({
      Test: ['CMD-SHELL', 'x'],
      Interval: 9_360_000_000_000_001n,
      Timeout: 9_003_600_000_000_000,
    })
    expect(config.history?.[0]?.created_by).toContain('Interval:2600h0m0.000000001s Timeout:2501h0m0s')
    const bytes = await store.blobs.readAll(imageId as Digest, 10_000)
    expect(Buffer.from(bytes).toString()).toContain('"Interval":9360000000000001,')
    expect(parseConfig(bytes).config?.Healthcheck).toEqual(config.config?.Healthcheck)
  })
})
