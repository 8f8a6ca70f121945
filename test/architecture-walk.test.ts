import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, memory } from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { expect, it } from 'vitest'
import { storeDirectory } from './store-directory.js'

const page = readFileSync(fileURLToPath(new URL('../docs/architecture.md', import.meta.url)), 'utf8')

it('the build that docs/architecture.md follows gives the digests that it names', async () => {
  await using store = await openStore({ path: await storeDirectory() })
  const dockerfile = /```dockerfile\n([^`]*)```/.exec(page)![1]!
  const options = {
    store,
    // Younger than the epoch, as a file is that was just made.
    context: memory({ 'hello.txt': { content: 'hello\n', mtime: 1_800_000_000 }, Dockerfile: dockerfile }),
    platform: 'linux/amd64',
    sourceDateEpoch: 1_700_000_000,
    tags: ['walk:1'],
  }
  const first = await build(options)
  const found = [first.imageId, first.descriptor.digest, ...first.config.rootfs.diff_ids]
  for (const digest of found) expect(page).toContain(digest)
  expect(first.stats).toMatchObject({ steps: 3, cached: 0 })
  const second = await build(options)
  expect(second.stats).toMatchObject({ steps: 3, cached: 3 })
  expect(second.descriptor).toEqual(first.descriptor)
})
