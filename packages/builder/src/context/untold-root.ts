import type { DirectoryNode, Metadata } from '@cooperage/store'

/** A root directory that nobody described: of a context, of an image whose layers do not name it. */
export const UNTOLD_ROOT: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0 }

/** The tree as COPY takes from it: BuildKit makes such a root while it builds, so `now` (seconds since 1970) is its time. */
export function withRootTime(tree: DirectoryNode, now: number): DirectoryNode {
  return tree.meta.mtime === 0 ? { ...tree, meta: { ...tree.meta, mtime: now } } : tree
}
