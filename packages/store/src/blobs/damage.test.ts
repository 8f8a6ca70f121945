import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeDirectory } from '../../../../test/store-directory.js'
import { type Digest, digestOf } from '../digest.js'
import { openStore, type Store } from '../store.js'
import { patternBytes } from '../testing/index.js'

const DAMAGES: Record<string, (file: string, content: Buffer) => Promise<unknown>> = {
  'a flipped bit': (file, content) => {
    content[content.length >> 1]! ^= 1
    return writeFile(file, content)
  },
  truncated: (file, content) => writeFile(file, content.subarray(0, content.length - 1)),
  empty: (file) => writeFile(file, ''),
  zeros: (file, content) => writeFile(file, Buffer.alloc(content.length)),
  extended: (file, content) => writeFile(file, Buffer.concat([content, Buffer.from('x')])),
  'the content of another blob': (file, content) => writeFile(file, patternBytes(content.length, 99)),
  'a directory': async (file) => {
    await rm(file)
    await mkdir(file)
  },
  'a symbolic link': async (file) => {
    await rm(file)
    await symlink('/etc/passwd', file)
  },
  'a symbolic link to nothing': async (file) => {
    await rm(file)
    await symlink('/nonexistent', file)
  },
}

function fileOf(store: Store, digest: Digest): string {
  const hex = digest.slice(7)
  return join(store.path, 'blobs', 'sha256', hex.slice(0, 2), hex)
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

describe('a damaged blob', () => {
  for (const size of [1000, 3 << 20, 9 << 20]) {
    for (const [name, damage] of Object.entries(DAMAGES)) {
      it(`of ${size} bytes (${name}) is found by reading it, set aside, and healed by writing it again`, async () => {
        await using store = await openStore({ path: await storeDirectory() })
        const bytes = patternBytes(size, 1)
        const { digest } = await store.blobs.put(bytes)
        const file = fileOf(store, digest)
        await chmod(file, 0o600)
        await damage(file, await readFile(file))

        const failure = await drain(store.blobs.read(digest)).then(
          () => undefined,
          (error: unknown) => error as { code: string },
        )
        expect(['E_STORE_CORRUPT', 'E_BLOB_MISSING']).toContain(failure?.code)
        expect(await store.blobs.stat(digest)).toBeUndefined()
        expect(await readdir(join(store.path, 'quarantine'))).toHaveLength(1)

        expect(await store.blobs.put(bytes)).toEqual({ digest, size })
        await drain(store.blobs.read(digest, { size }))
      })
    }
  }

  it('is healed by writing the same content, unread, as far as its size or its bytes give it away', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    for (const [name, damage] of Object.entries(DAMAGES)) {
      for (const size of [1000, 9 << 20]) {
        // Large content is not read again for a rewrite; its readers find what has the right size.
        if (size > 1000 && ['a flipped bit', 'zeros', 'the content of another blob'].includes(name)) continue
        const bytes = patternBytes(size, 2)
        const { digest } = await store.blobs.put(bytes)
        await chmod(fileOf(store, digest), 0o600)
        await damage(fileOf(store, digest), await readFile(fileOf(store, digest)))
        await store.blobs.put(bytes)
        await drain(store.blobs.read(digest, { size }))
        expect(digestOf(await readFile(fileOf(store, digest))), name).toBe(digest)
      }
    }
  })

  it('that only has another size than its reader wants is told apart from a mistaken reader', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { digest } = await store.blobs.put(patternBytes(1000, 3))
    await chmod(fileOf(store, digest), 0o600)
    await writeFile(fileOf(store, digest), 'short')
    await expect(drain(store.blobs.read(digest, { size: 1000 }))).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
    })
    expect(await store.blobs.stat(digest)).toBeUndefined()
  })

  it('is never one that is whole: blobs cannot be written to once they are there', async () => {
    await using store = await openStore({ path: await storeDirectory() })
    const { digest } = await store.blobs.put(patternBytes(1000, 4))
    expect((await stat(fileOf(store, digest))).mode & 0o777).toBe(0o444)
  })
})
