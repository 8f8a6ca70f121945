import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@cooperage/store'
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
