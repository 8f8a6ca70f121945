import { type DirectoryNode, directoryOf } from '@cooperage/store'
import type { Owner } from './owner.js'

const SETGID = 0o2000

/**
 * A directory as mkdir(2) makes it, and chown(2) when there is an owner: in one with the setgid bit it gets the bit, and
 * the group unless another is asked for. Such directories are `/var/local` and `/var/mail` of Debian.
 */
export function madeDirectory(
  parent: DirectoryNode,
  made: { readonly mode: number; readonly owner: Owner | undefined; readonly mtime: number },
): DirectoryNode {
  const { mode, owner, mtime } = made
  const inherited = parent.meta.mode & SETGID
  const { uid, gid } = owner ?? { uid: 0, gid: inherited === 0 ? 0 : parent.meta.gid }
  return directoryOf({ mode: mode | inherited, uid, gid, mtime })
}
