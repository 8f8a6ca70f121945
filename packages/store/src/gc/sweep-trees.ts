import { rm } from 'node:fs/promises'
import type { Digest } from '../digest.js'
import type { DirectoryTreeStore } from '../trees/directory-tree-store.js'

export interface SweepTreesOptions {
  readonly trees: DirectoryTreeStore
  /** Milliseconds since 1970. */
  readonly now: number
  readonly grace: number
  readonly dryRun: boolean
  /** What live sessions hold at this moment. */
  readonly held: () => Promise<readonly Digest[]>
  readonly removeTree: ((path: string) => Promise<void>) | undefined
}

/** Removes unpacked trees that nobody holds, and what ended processes left. Resolves to the count of trees. */
export async function sweepTrees(options: SweepTreesOptions): Promise<number> {
  const { trees, now, grace, dryRun, held } = options
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
  return count
}
