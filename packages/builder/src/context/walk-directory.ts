import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs'
import {
  type ByteString,
  CooperageError,
  type DirectoryNode,
  type FileNode,
  fromUtf8,
  hasErrno,
  hostPath,
  type TreeNode,
} from '@cooperage/store'
import { contextChanged, contextError } from './context-error.js'
import { contextMetadata, hostStatOf } from './host-stat.js'
import type { IgnoreMatcher, IgnoreState } from './ignore/create-ignore-matcher.js'
import type { IgnoredListener } from './ignored-listener.js'
import { Pacer } from './pacer.js'
import { canStartAtDescriptor, reachPath } from './reach-path.js'
import type { ContextWarning } from './source.js'

export interface WalkOptions {
  readonly ignore?: IgnoreMatcher | undefined
  readonly ignored?: IgnoredListener | undefined
  readonly signal?: AbortSignal | undefined
  /** A directory that is passed over wherever it is met, however its path is written. */
  readonly leaveOut?: string | undefined
  /** Entries, ignored ones included. Default 5,000,000. */
  readonly limit?: number
}

export interface WalkResult {
  readonly tree: DirectoryNode
  readonly files: number
  readonly bytes: number
  readonly warnings: readonly ContextWarning[]
}

/**
 * Reads the names and attributes below a directory into a tree. No link is followed; links stay links, and names of
 * one inode become one node. The event loop gets its turn at least every ten milliseconds.
 * @throws E_CTX_ACCESS, E_CTX_CHANGED, E_CTX_PATH, E_IGNORE_PATTERN, E_LIMIT
 */
export async function walkDirectory(root: ByteString, options: WalkOptions = {}): Promise<WalkResult> {
  const walk = new Walk(root, options)
  await walk.run()
  return walk.result()
}

interface Frame {
  /** From the root of the context; empty for the root. */
  readonly path: ByteString
  readonly node: DirectoryNode
  readonly children: Map<ByteString, TreeNode>
  /** Undefined once the directory is part of the tree. An ignored one becomes so with the first entry that is kept. */
  pending: { readonly parent: Frame; readonly name: ByteString } | undefined
  readonly state: IgnoreState
  readonly dev: bigint
  readonly ino: bigint
}

const DEFAULT_LIMIT = 5_000_000
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const TYPE = 0o170000n
const NUMERIC = { bigint: true } as const
const NUMERIC_OR_ABSENT = { bigint: true, throwIfNoEntry: false } as const
const SKIPPED = new Map<bigint, ContextWarning['kind']>([
  [0o010000n, 'fifo'],
  [0o140000n, 'socket'],
  [0o020000n, 'device'],
  [0o060000n, 'device'],
])

class Walk {
  readonly #root: ByteString
  readonly #ignore: IgnoreMatcher | undefined
  readonly #ignored: IgnoredListener | undefined
  readonly #limit: number
  readonly #leftOut: Pick<BigIntStats, 'dev' | 'ino'> | undefined
  readonly #pacer: Pacer
  readonly #pending: Frame[] = []
  readonly #links = new Map<string, FileNode>()
  readonly #warnings: ContextWarning[] = []
  readonly #tree: DirectoryNode
  #entries = 0
  #files = 0
  #bytes = 0

  constructor(root: ByteString, options: WalkOptions) {
    this.#root = root
    this.#ignore = options.ignore
    this.#ignored = options.ignored
    this.#limit = options.limit ?? DEFAULT_LIMIT
    this.#leftOut = options.leaveOut === undefined ? undefined : inodeOf(options.leaveOut)
    this.#pacer = new Pacer(options.signal)
    const frame = this.#frame('', lstatSync(hostPath(root), NUMERIC), [])
    // BuildKit is sent what is in the directory, not the directory: nobody knows its mode or its time.
    this.#tree = { ...frame.node, meta: { mode: 0o755, uid: 0, gid: 0, mtime: 0 } }
    this.#pending.push(frame)
  }

  async run(): Promise<void> {
    for (let frame = this.#pending.pop(); frame; frame = this.#pending.pop()) await this.#enter(frame)
  }

  result(): WalkResult {
    const warnings = this.#warnings.sort((a, b) => (a.path < b.path ? -1 : 1))
    return { tree: this.#tree, files: this.#files, bytes: this.#bytes, warnings }
  }

  #frame(path: ByteString, stats: BigIntStats, state: IgnoreState): Frame {
    const children = new Map<ByteString, TreeNode>()
    const node: DirectoryNode = { type: 'directory', meta: contextMetadata(stats), children }
    return { path, node, children, pending: undefined, state, dev: stats.dev, ino: stats.ino }
  }

  async #enter(frame: Frame): Promise<void> {
    const full = frame.path === '' ? this.#root : `${this.#root}/${frame.path}`
    let descriptor: number
    try {
      descriptor = reachPath(full, (path) => openSync(path, DIRECTORY))
    } catch (error) {
      if (frame.pending && hasErrno(error, 'EACCES', 'EPERM')) return
      throw contextError(error, full)
    }
    try {
      // A component of the path may have become a link since its parent was read. The inode tells: it must be the one
      // that the parent, itself identified so, showed under this name.
      const opened = fstatSync(descriptor, NUMERIC)
      if (opened.ino !== frame.ino || opened.dev !== frame.dev) throw contextChanged(full)
      const base = canStartAtDescriptor() ? `/proc/self/fd/${descriptor}` : full
      // A string in latin1 holds a name's bytes as they are, and sorts by them.
      for (const name of readdirSync(hostPath(base), 'latin1').sort()) {
        const turn = this.#pacer.step()
        if (turn) await turn
        this.#visit(frame, name, hostPath(`${base}/${name}`))
      }
    } catch (error) {
      throw contextError(error, full)
    } finally {
      closeSync(descriptor)
    }
  }

  #visit(frame: Frame, name: ByteString, path: string | Buffer): void {
    if (++this.#entries > this.#limit) {
      throw new CooperageError('E_LIMIT', `the context has more than ${this.#limit} entries`, {
        hint: 'leave directories out with .dockerignore',
        data: { limit: this.#limit },
      })
    }
    const stats = lstatSync(path, NUMERIC_OR_ABSENT)
    // Gone since the directory was read: as if it had never been there.
    if (stats === undefined) return
    const relative = frame.path === '' ? name : `${frame.path}/${name}`
    const type = stats.mode & TYPE
    const isDirectory = type === 0o040000n
    const verdict = this.#ignore?.visit(relative, isDirectory, frame.state)
    if (verdict?.excluded && this.#ignored) {
      const size = stats.isFile() ? Number(stats.size) : 0
      const kind = isDirectory ? 'directory' : stats.isFile() ? 'file' : 'other'
      this.#ignored.onIgnored({ path: relative, kind, size, isPruned: verdict.prune })
    }
    if (isDirectory) {
      if (this.#leftOut?.ino === stats.ino && this.#leftOut.dev === stats.dev) {
        if (!verdict?.excluded) this.#warnings.push({ path: relative, kind: 'store' })
        return
      }
      if (verdict?.prune && this.#ignored?.entersDirectories !== true) return
      const child = this.#frame(relative, stats, verdict?.state ?? [])
      child.pending = { parent: frame, name }
      if (!verdict?.excluded) attach(child)
      this.#pending.push(child)
      return
    }
    if (verdict?.excluded) return
    const skipped = SKIPPED.get(type)
    if (skipped !== undefined) {
      this.#warnings.push({ path: relative, kind: skipped })
      return
    }
    attach(frame)
    frame.children.set(name, this.#leaf(relative, path, stats))
  }

  #leaf(relative: ByteString, path: string | Buffer, stats: BigIntStats): TreeNode {
    if (stats.isSymbolicLink()) {
      return { type: 'symlink', meta: contextMetadata(stats), target: readlinkSync(path, 'latin1') }
    }
    const size = Number(stats.size)
    this.#files++
    this.#bytes += size
    const identity = stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined
    const known = identity === undefined ? undefined : this.#links.get(identity)
    if (known) return known
    const content = { kind: 'host', path: `${this.#root}/${relative}`, stat: hostStatOf(stats) } as const
    const file: FileNode = { type: 'file', meta: contextMetadata(stats), size, content }
    if (identity !== undefined) this.#links.set(identity, file)
    return file
  }
}

/** Undefined: no walk can meet it, or not as what it is. */
function inodeOf(path: string): Pick<BigIntStats, 'dev' | 'ino'> | undefined {
  try {
    return statSync(path, NUMERIC_OR_ABSENT)
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined
    throw contextError(error, fromUtf8(path))
  }
}

function attach(frame: Frame): void {
  for (let at: Frame | undefined = frame; at?.pending; ) {
    const { parent, name }: { parent: Frame; name: ByteString } = at.pending
    parent.children.set(name, at.node)
    at.pending = undefined
    at = parent
  }
}
