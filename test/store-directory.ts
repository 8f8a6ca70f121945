import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new path for a store, where nothing is yet; gone with the test. */
export async function storeDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'cooperage-store-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'store')
}
