import type { Digest } from '../digest.js'

/**
 * Unpacked file systems that a step can run on, and the folders in which steps run. All of it can be made again from
 * blobs: nothing here is a source of truth, nothing is synced, and a tree that another boot of the machine made counts
 * as missing. What is in them is the affair of whoever made them: some may be removed only by a process that is root
 * of a user namespace, so nothing here removes one.
 */
export interface TreeStore {
  /**
   * The directory of a complete tree, or undefined. The collector spares it while this store is open. Whoever uses it
   * must not write to it.
   */
  find(key: Digest): Promise<string | undefined>

  /** A new empty directory of mode 0700 for this opener alone. To be removed by it; after a crash it is `abandoned`. */
  scratch(): Promise<string>

  /**
   * Makes `directory`, which lies in a scratch of this opener, the tree of this key. Idempotent: when there is a tree
   * already, that one stays. Resolves to the path that `find` gives; `directory` is gone from its place, or left
   * where it was when the other one stays. One that is named `d` (TREE_FILES) takes the folder that it lies in along,
   * which must hold nothing else: so it may belong to anybody. Who moves a directory from one folder to another needs
   * the right to write in it, for its `..` changes, and a user has that right in none of its subordinate users'.
   */
  keep(directory: string, key: Digest): Promise<string>

  /**
   * Takes a tree away from everybody, into a scratch of this opener; undefined when there is none. It may then be
   * written to, removed, or kept again. Nobody else may be using it.
   */
  take(key: Digest): Promise<{ readonly scratch: string; readonly directory: string } | undefined>

  /**
   * Scratch directories whose openers have ended without removing them, and trees that nobody can use any more; where
   * there are very many trees, those found among some of them.
   */
  abandoned(): Promise<string[]>
}
