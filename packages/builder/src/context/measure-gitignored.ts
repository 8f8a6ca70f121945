import type { DirectoryNode } from '@cooperage/store'
import { createGitignoreMatcher } from './ignore/create-gitignore-matcher.js'
import { Pacer } from './pacer.js'

/** Below this many bytes nobody needs to be told. */
const WORTH_TELLING = 50_000_000

export interface Gitignored {
  readonly files: number
  readonly bytes: number
}

/**
 * What a tree holds although these rules of git name it. Undefined when that is less than 50 MB. Files `.gitignore`
 * further down are not read, so it may be more than this.
 */
export async function measureGitignored(
  tree: DirectoryNode,
  text: Uint8Array,
  signal?: AbortSignal,
): Promise<Gitignored | undefined> {
  const matcher = createGitignoreMatcher(text)
  const pacer = new Pacer(signal)
  const pending = [{ path: '', node: tree, ignored: false }]
  let files = 0
  let bytes = 0
  for (let at = pending.pop(); at; at = pending.pop()) {
    for (const [name, node] of at.node.children) {
      const turn = pacer.step()
      if (turn) await turn
      const path = at.path === '' ? name : `${at.path}/${name}`
      const ignored = at.ignored || matcher.visit(path, node.type === 'directory', []).excluded
      if (node.type === 'directory') pending.push({ path, node, ignored })
      else if (ignored && node.type === 'file') {
        files++
        bytes += node.size
      }
    }
  }
  return bytes >= WORTH_TELLING ? { files, bytes } : undefined
}

/** True when a tree of this size could hold enough to be worth measuring. */
export function mayBeWorthTelling(bytes: number): boolean {
  return bytes >= WORTH_TELLING
}
