import { rm } from 'node:fs/promises'
import type { DirectoryCacheStore } from '../caches/directory-cache-store.js'
import type { Digest } from '../digest.js'
import type { DirectoryTreeStore } from '../trees/directory-tree-store.js'

export interface SweepTreesOptions {
  readonly trees: DirectoryTreeStore
  readonly caches: DirectoryCacheStore
  /** Milliseconds since 1970. */
  readonly now: number
  readonly grace: number
  /** Caches that were not used for so many milliseconds go; undefined: none. */
  readonly unusedFor: number | undefined
  readonly dryRun: boolean
  /** What live sessions hold at this moment. */
  readonly held: () => Promise<readonly Digest[]>
  readonly removeTree: ((path: string) => Promise<void>) | undefined
}

/** Removes unpacked trees that nobody holds, caches that nobody used for long, and what ended processes left. */
export async function sweepTrees(
  options: SweepTreesOptions,
): Promise<{ readonly trees: number; readonly caches: number }> {
  const { trees, caches, now, grace, unusedFor, dryRun, held } = options
  const remove = options.removeTree ?? ((path: string) => rm(path, { recursive: true, force: true }))
  const isHeld = async (key: Digest) => (await held()).includes(key)
  let count = 0
  for (const name of await trees.names()) {
    const tree = await trees.describe(name)
    if (tree === undefined || now - tree.usedAt < grace || (await isHeld(tree.key))) continue
    const aside = dryRun ? '' : await trees.takeAside(name, isHeld)
    if (aside === undefined) continue
    count++
    if (!dryRun) await remove(aside)
  }
  if (!dryRun) for (const path of await trees.abandoned()) await remove(path)
  const unused =
    unusedFor === undefined
      ? { count: 0, scratches: [] }
      : await caches.takeUnused(now - Math.max(grace, unusedFor), dryRun)
  for (const path of unused.scratches) await remove(path)
  return { trees: count, caches: unused.count }
}
