import type { ByteString } from '@cooperage/store'
import type { FileList } from './file-list.js'

/** In the order of a layer: names by their bytes, a directory before what it holds. */
export interface ListedChange {
  readonly path: ByteString
  /** False: the path is gone. */
  readonly isThere: boolean
}

/** What is new, other or gone in the second list, with the directories above each. */
export function listChanges(before: FileList, after: FileList): ListedChange[] {
  const changes = new Map<ByteString, boolean>()
  for (const [path, identity] of after) {
    if (before.get(path) === identity) continue
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      changes.set(path.slice(0, at), true)
    changes.set(path, true)
  }
  for (const path of before.keys()) {
    if (after.has(path)) continue
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    // What was in a directory that is gone, or is none any more, is gone with it.
    if (parent !== '' && after.get(parent)?.[0] !== 'd') continue
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      changes.set(path.slice(0, at), true)
    changes.set(path, false)
  }
  return [...changes]
    .map(([path, isThere]) => ({ path, isThere, key: path.replaceAll('/', '\0') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ path, isThere }) => ({ path, isThere }))
}
