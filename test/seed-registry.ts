import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Descriptor, openStore, REF_NAME, type Store, writeOciLayout } from '@cooperage/store'
import { sampleImage, sampleIndex } from './sample-image.js'

/** What was put into a registry under one name. */
export interface Seeded {
  readonly index: Descriptor
  readonly amd64: Descriptor
  readonly arm64: Descriptor
}

/**
 * Puts an image for amd64 and arm64 into a registry with skopeo, so that what is pulled was pushed by another. Extra
 * arguments go to skopeo. Answers with the digests.
 */
export async function seedRegistry(name: string, args: readonly string[] = []): Promise<Seeded> {
  return withLayout(
    async (store) => {
      const amd64 = (await sampleImage(store.blobs, { gzip: true })).descriptor
      const arm64 = (await sampleImage(store.blobs, { gzip: true, architecture: 'arm64' })).descriptor
      const index = await sampleIndex(store.blobs, [amd64, arm64])
      return { root: index, answer: { index, amd64, arm64 } }
    },
    [...args, `docker://${name}`],
  )
}

async function withLayout<T>(
  make: (store: Store) => Promise<{ root: Descriptor; answer: T }>,
  args: readonly string[],
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cooper-seed-'))
  try {
    await using store = await openStore({ path: join(folder, 'store'), durability: 'none' })
    const { root, answer } = await make(store)
    const descriptor = { ...root, annotations: { [REF_NAME]: 'seed' } }
    await writeOciLayout([{ descriptor, names: [] }], {
      store: store.blobs,
      directory: join(folder, 'layout'),
    })
    skopeo(['copy', '--all', `oci:${join(folder, 'layout')}:seed`, ...args])
    return answer
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs skopeo; what it prints. */
export function skopeo(args: readonly string[]): string {
  return execFileSync('skopeo', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
