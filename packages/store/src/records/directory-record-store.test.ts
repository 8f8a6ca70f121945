import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { digestOf } from '../digest.js'
import { openStore } from '../store.js'
import { patternBytes } from '../testing/index.js'

async function onlyFile(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  expect(files).toHaveLength(1)
  return join(files[0]!.parentPath, files[0]!.name)
}

describe('records', () => {
  it('come back as they were put, and the last one wins', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    expect(await store.records.get('step', 'key')).toBeUndefined()
    await store.records.put('stat-cache', 'key', 'one\nline\ttwo')
    await store.records.put('stat-cache', 'key', 'zwei\u0000ü')
    await store.records.put('stat-cache', '../../etc/passwd', patternBytes(1000, 1))
    expect(await store.records.getText('stat-cache', 'key')).toBe('zwei\u0000ü')
    expect(
      Buffer.from(patternBytes(1000, 1)).equals((await store.records.get('stat-cache', '../../etc/passwd'))!),
    ).toBe(true)
    expect(await store.records.kinds()).toEqual(['stat-cache'])
    expect(await store.records.delete('stat-cache', 'key')).toBe(true)
    expect(await store.records.delete('stat-cache', 'key')).toBe(false)
    const left = []
    for await (const entry of store.records.list('stat-cache')) left.push(entry.keyHash)
    expect(left).toEqual([digestOf('../../etc/passwd').slice(7)])
  })

  it('refuse a kind that could be a path', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    for (const kind of ['', '..', 'a/b', 'A', '-a', 'x'.repeat(65)]) {
      await expect(store.records.get(kind, 'key')).rejects.toMatchObject({ code: 'E_RECORD_KIND' })
    }
  })

  it('of tens of megabytes cost little more than their bytes', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const payload = patternBytes(30 << 20, 2)
    await store.records.put('stat-cache', 'all', payload)
    expect(Buffer.from(payload).equals((await store.records.get('stat-cache', 'all'))!)).toBe(true)
  })

  it('that are damaged in any way are a miss, and can be put again', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    const damages: Record<string, (file: string, content: Buffer) => Promise<unknown>> = {
      'every bit of some bytes flipped': (file, content) =>
        writeFile(file, flip(content, content.length - 5)),
      'a flipped checksum': (file, content) => writeFile(file, flip(content, 3)),
      'a flipped separator': (file, content) => writeFile(file, flip(content, 64)),
      truncated: (file, content) => writeFile(file, content.subarray(0, content.length - 4)),
      'without its last byte': (file, content) => writeFile(file, content.subarray(0, content.length - 1)),
      empty: (file) => writeFile(file, ''),
      zeros: (file, content) => writeFile(file, Buffer.alloc(content.length)),
      extended: (file, content) => writeFile(file, Buffer.concat([content, content])),
      'a symbolic link': async (file) => {
        await rm(file)
        await symlink('/etc/passwd', file)
      },
      'a directory': async (file) => {
        await rm(file)
        await mkdir(file)
      },
    }
    for (const [name, damage] of Object.entries(damages)) {
      await store.records.put('step', 'key', '{"blobs":[]}')
      expect(await store.records.getText('step', 'key'), name).toBe('{"blobs":[]}')
      const file = await onlyFile(join(path, 'records'))
      await damage(file, await readFile(file))
      expect(await store.records.get('step', 'key'), name).toBeUndefined()
      if (name === 'a directory') await rm(file, { recursive: true })
    }
  })

  it('that name a missing blob are a miss, and hit again when it is back', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { digest } = await store.blobs.put(patternBytes(100, 1))
    await store.records.put('step', 'key', JSON.stringify({ blobs: [digest] }))
    await store.records.put('layer-compressed', 'key', JSON.stringify({ descriptor: { digest, size: 100 } }))
    expect(await store.records.get('step', 'key')).toBeDefined()
    await store.blobs.remove(digest)
    expect(await store.records.get('step', 'key')).toBeUndefined()
    expect(await store.records.get('layer-compressed', 'key')).toBeUndefined()
    await store.blobs.put(patternBytes(100, 1))
    expect(await store.records.get('step', 'key')).toBeDefined()
    expect(await store.records.get('layer-compressed', 'key')).toBeDefined()
  })

  it('are marked as used when they are read, to the hour', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    await store.records.put('step', 'key', '{}')
    const file = await onlyFile(join(path, 'records'))
    await utimes(file, 1000, 1000)
    await store.records.get('step', 'key')
    for await (const { usedAt } of store.records.list('step'))
      expect(Date.now() - usedAt).toBeLessThan(60_000)
  })

  it('are for the owner alone', async () => {
    const path = await storeDirectory()
    await using store = await openStore({ path })
    await store.records.put('step', 'key', '{}')
    const file = await onlyFile(join(path, 'records'))
    const { stat } = await import('node:fs/promises')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await chmod(file, 0o400)
    await store.records.put('step', 'key', '{"a":1}')
    expect(await store.records.getText('step', 'key')).toBe('{"a":1}')
  })
})

function flip(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content)
  copy[at]! ^= 0xff
  return copy
}
