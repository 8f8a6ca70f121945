import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { digestOf } from '../digest.js'
import { MediaType } from '../image/types.js'
import { openStore } from '../store.js'
import { refFileName } from './ref-name.js'
import type { RefValue } from './ref-store.js'

const value = (text: string): RefValue => ({
  descriptor: { mediaType: MediaType.ociManifest, digest: digestOf(text), size: text.length },
  created: 1000,
})

describe('names of images', () => {
  it('of every kind are kept apart and never leave their directory', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    const names = [
      'app',
      'docker.io/library/node:24',
      'localhost:5000/a/b@sha256:00',
      '..',
      '.',
      '../../escape',
      'a/../b',
      'a%2fb',
      'a/b',
      'a%252fb',
      'A',
      'a',
      '=x',
      ' ',
      'ü/名',
      '-rf',
      `long/${'n'.repeat(300)}`,
      `long/${'n'.repeat(301)}`,
      '/'.repeat(150),
    ]
    for (const name of names) await store.refs.set(name, value(name))
    for (const name of names) expect(await store.refs.get(name), name).toEqual(value(name))
    expect((await store.refs.list()).map(({ name }) => name)).toEqual([...names].sort())
    expect(await readdir(join(path, 'refs'))).toHaveLength(names.length)
    for (const name of names) expect(await store.refs.delete(name), name).toBe(true)
    expect(await store.refs.delete('app')).toBe(false)
    expect(await store.refs.list()).toEqual([])
    expect(await readdir(join(path, 'refs'))).toEqual([])
  })

  it('that cannot be written down are refused', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    for (const name of ['', 'a\0b', 'a\nb', '\x7f', '\ud800', 'n'.repeat(4097)]) {
      await expect(store.refs.get(name)).rejects.toMatchObject({ code: 'E_REF_NAME' })
      await expect(async () => store.refs.set(name, value('x'))).rejects.toMatchObject({ code: 'E_REF_NAME' })
    }
  })

  it('are replaced whole', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    await store.refs.set('app', value('one'))
    await store.refs.set('app', { ...value('two'), blobs: [digestOf('layer')] })
    expect(await store.refs.get('app')).toEqual({ ...value('two'), blobs: [digestOf('layer')] })
  })

  it('whose files are damaged, misplaced or of another kind are absent', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    await store.refs.set('app', value('one'))
    await rename(join(path, 'refs', 'app'), join(path, 'refs', 'other'))
    expect(await store.refs.get('other')).toBeUndefined()
    await writeFile(join(path, 'refs', 'torn'), '{"name":"torn"')
    await mkdir(join(path, 'refs', 'dir'))
    await writeFile(join(path, 'refs', 'empty'), '')
    for (const name of ['torn', 'dir', 'empty']) expect(await store.refs.get(name), name).toBeUndefined()
    await writeFile(join(path, 'refs', '.nfs0001'), 'of the file system')
    expect(await store.refs.list()).toEqual([])
    const files = (await store.refs.damaged()).map(({ file }) => file)
    expect(files).toEqual(['dir', 'empty', 'other', 'torn'].map((name) => join(path, 'refs', name)))
    await rm(join(path, 'refs', 'dir'), { recursive: true })
  })

  it('whose files are damaged are told by name, and are whole once they are given again', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    const long = 'n'.repeat(300)
    for (const name of ['docker.io/library/app:1', long]) {
      await store.refs.set(name, value(name))
      await writeFile(join(path, 'refs', refFileName(name)), 'garbage')
    }
    expect(await store.refs.damaged()).toEqual([
      { file: join(path, 'refs', refFileName(long)) },
      { file: join(path, 'refs', 'docker.io%2Flibrary%2Fapp%3A1'), name: 'docker.io/library/app:1' },
    ])
    for (const name of ['docker.io/library/app:1', long]) await store.refs.set(name, value(name))
    expect(await store.refs.damaged()).toEqual([])
    expect(await store.refs.list()).toHaveLength(2)
  })

  it('have file names that never collide, hide or grow too long', () => {
    expect(refFileName('docker.io/library/node:24')).toBe('docker.io%2Flibrary%2Fnode%3A24')
    expect(refFileName('..')).toBe('%2E.')
    expect(refFileName('a%2fb')).toBe('a%252fb')
    expect(refFileName('ü')).toBe('%C3%BC')
    expect(refFileName('n'.repeat(4096))).toMatch(/^=[0-9a-f]{64}$/)
  })
})
