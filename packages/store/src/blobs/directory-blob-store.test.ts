import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'vitest'
import { openStore } from '../store.js'
import { blobStoreChecks } from '../testing/index.js'
import type { BlobStore } from './blob-store.js'
import type { Durability } from './files.js'
import { nodeStoreFs } from './node-store-fs.js'
import type { StoreFs } from './store-fs.js'

const made: string[] = []
afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true })
})

async function make(durability: Durability, fs: StoreFs): Promise<BlobStore> {
  const path = await mkdtemp(join(tmpdir(), 'cooperage-blobs-'))
  made.push(path)
  return (await openStore({ path, durability, fs })).blobs
}

describe('the directory blob store, durable', () => {
  for (const { name, run } of blobStoreChecks()) it(name, () => run(() => make('full', nodeStoreFs)))
})

describe('the directory blob store, not durable', () => {
  for (const { name, run } of blobStoreChecks()) it(name, () => run(() => make('none', nodeStoreFs)))
})

describe('the directory blob store on a file system that threads cannot reach', () => {
  const fs: StoreFs = { ...nodeStoreFs, native: false }
  for (const { name, run } of blobStoreChecks()) it(name, () => run(() => make('full', fs)))
})
