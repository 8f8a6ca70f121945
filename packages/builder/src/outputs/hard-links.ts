import type { BigIntStats } from 'node:fs'
import { type FileHandle, link, lstat, rm } from 'node:fs/promises'
import { type ByteString, type FileNode, hasErrno, hostPath } from '@cooperage/store'

interface Written {
  readonly path: ByteString
  readonly stats: BigIntStats
}

/** Where files that have several names in a tree were written first, so that their other names are links to that. */
export class HardLinks {
  readonly #shared: ReadonlySet<FileNode>
  readonly #written = new Map<FileNode, Written>()

  /** `files` has a node as often as it has names. */
  constructor(files: Iterable<FileNode>) {
    const [seen, shared] = [new Set<FileNode>(), new Set<FileNode>()]
    for (const file of files) (seen.has(file) ? shared : seen).add(file)
    this.#shared = shared
  }

  /** To be called with the path of the first name, which stays the way to it, when the file is complete. */
  async wrote(node: FileNode, path: ByteString, file: FileHandle): Promise<void> {
    if (this.#shared.has(node)) this.#written.set(node, { path, stats: await file.stat({ bigint: true }) })
  }

  /**
   * Makes `path`, where nothing lies, another name of the file. Answers false when it has none yet, or when that cannot
   * be linked: file systems have no links, or not so many of one file, and somebody may have put another in its place.
   */
  async link(node: FileNode, path: ByteString): Promise<boolean> {
    const first = this.#written.get(node)
    if (first === undefined) return false
    try {
      await link(hostPath(first.path), hostPath(path))
    } catch (error) {
      if (hasErrno(error, ...CANNOT_LINK)) return false
      throw error
    }
    if (isSame(first.stats, await lstat(hostPath(path), { bigint: true }))) return true
    await rm(hostPath(path), { force: true })
    return false
  }
}

const CANNOT_LINK = [
  ...['EMLINK', 'EOPNOTSUPP', 'EPERM', 'ENOSYS', 'EXDEV', 'ENAMETOOLONG'],
  ...['EACCES', 'ELOOP', 'ENOENT', 'ENOTDIR'],
]

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
