import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '@cooperage/store'

/** A store that is gone when `use` is done with it: for reading what is not to be kept. */
export async function withPassingStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'cooper-passing-'))
  try {
    await using store = await openStore({ path, durability: 'none' })
    return await use(store)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
