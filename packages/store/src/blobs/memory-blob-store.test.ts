import { describe, it } from 'vitest'
import { blobStoreChecks } from '../testing/index.js'
import { MemoryBlobStore } from './memory-blob-store.js'

describe('the memory blob store', () => {
  for (const { name, run } of blobStoreChecks()) it(name, () => run(async () => new MemoryBlobStore()))
})
