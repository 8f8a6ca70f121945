import { type ByteString, CooperageError, type DirectoryNode, type TreeNode } from '@cooperage/store'
import type { IgnoreMatcher } from './ignore/create-ignore-matcher.js'
import type { IgnoredEntry } from './ignored-listener.js'
import { Pacer } from './pacer.js'
import type { ContextLoadOptions, ContextSource, ContextWarning, LoadedContext } from './source.js'

export interface ListContextOptions extends Omit<ContextLoadOptions, 'ignored'> {
  /** Names each path below an ignored directory too, which takes a walk through it. Default false. */
  readonly entersIgnored?: boolean
  /** True: `dockerfile` says only which ignore file comes first. */
  readonly dockerfileIsOptional?: boolean
}

/** What a build would see of a context, and what it would not. Both lists are in the order of their paths' bytes. */
export interface ContextListing {
  readonly entries: readonly ListedEntry[]
  readonly ignored: readonly ListedIgnored[]
  readonly totals: {
    /** Each name of a hard link counts. */
    readonly sent: ListedTotals
    /** What was looked at: of what `unreadDirectories` hold nothing is known. */
    readonly ignored: ListedTotals & { readonly unreadDirectories: number }
  }
  /** Pipes, sockets, devices and the store, which no ignore file names, and that are left out all the same. */
  readonly warnings: readonly ContextWarning[]
}

export interface ListedEntry {
  /** From the root of the context; that of a directory ends with a slash. */
  readonly path: ByteString
  readonly type: TreeNode['type']
  /** Bytes of a file, else 0. */
  readonly size: number
  /** The low twelve bits. */
  readonly mode: number
}

/** A directory stands for all below it that the same line leaves out, unless `entersIgnored` asks for each. */
export interface ListedIgnored {
  /** From the root of the context; that of a directory ends with a slash. */
  readonly path: ByteString
  /** Bytes of a file, else 0. */
  readonly size: number
  /** The ignore file that decided, as messages name it. */
  readonly file: string
  readonly line?: number
  /** As text, `!` included. */
  readonly pattern?: string
}

export interface ListedTotals {
  readonly files: number
  readonly bytes: number
}

/**
 * Lists what is in a context and why the rest is not, as a build with these options would find it. No content is read
 * but that of ignore files, and of archives.
 * @throws E_DF_MISSING when a Dockerfile is named and not there; as `ContextSource.load`
 */
export async function listContext(
  source: ContextSource,
  options: ListContextOptions = {},
): Promise<ContextListing> {
  const { entersIgnored = false, dockerfileIsOptional: _, ...load } = options
  const left: IgnoredEntry[] = []
  const ignored = { entersDirectories: entersIgnored, onIgnored: (entry: IgnoredEntry) => left.push(entry) }
  const loaded = await source.load({ ...load, ignored })
  await requireDockerfile(source, loaded, options)
  const pacer = new Pacer(options.signal)
  const entries = await listTree(loaded.tree, pacer)
  // What is kept brings its parents along, ignored or not.
  const sent = new Set(entries.filter(({ type }) => type === 'directory').map(({ path }) => path))
  const out = left.filter(({ path, kind }) => kind !== 'directory' || !sent.has(`${path}/`))
  return {
    entries,
    ignored: loaded.ignore ? await explainAll(out, { matcher: loaded.ignore, entersIgnored, pacer }) : [],
    totals: {
      sent: { files: loaded.files, bytes: loaded.bytes },
      ignored: {
        files: out.filter(({ kind }) => kind === 'file').length,
        bytes: out.reduce((sum, { size }) => sum + size, 0),
        unreadDirectories: entersIgnored
          ? 0
          : out.filter(({ kind, isPruned }) => kind === 'directory' && isPruned).length,
      },
    },
    warnings: loaded.warnings,
  }
}

/** Its name chooses the ignore file: with a wrong one the listing would tell of another build. */
async function requireDockerfile(
  source: ContextSource,
  loaded: LoadedContext,
  options: ListContextOptions,
): Promise<void> {
  const paths = [options.dockerfile ?? []].flat()
  const path = paths[0]
  if (path === undefined || options.dockerfileIsOptional === true) return
  for (const one of paths) if ((await loaded.readFile(one)) !== undefined) return
  throw new CooperageError('E_DF_MISSING', `there is no ${path} in ${source.name}`, {
    hint: 'check the path of the Dockerfile',
    data: { path },
  })
}

async function listTree(tree: DirectoryNode, pacer: Pacer): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = []
  const pending: { readonly prefix: ByteString; readonly node: DirectoryNode }[] = [
    { prefix: '', node: tree },
  ]
  for (let at = pending.pop(); at; at = pending.pop()) {
    for (const [name, node] of at.node.children) {
      const turn = pacer.step()
      if (turn) await turn
      const isDirectory = node.type === 'directory'
      const path = `${at.prefix}${name}${isDirectory ? '/' : ''}`
      if (isDirectory) pending.push({ prefix: path, node })
      const size = node.type === 'file' ? node.size : 0
      entries.push({ path, type: node.type, size, mode: node.meta.mode })
    }
  }
  return entries.sort(byPath)
}

interface Explaining {
  readonly matcher: IgnoreMatcher
  readonly entersIgnored: boolean
  readonly pacer: Pacer
}

async function explainAll(
  left: readonly IgnoredEntry[],
  { matcher, entersIgnored, pacer }: Explaining,
): Promise<ListedIgnored[]> {
  const paths = left.map((entry) => ({
    ...entry,
    path: entry.kind === 'directory' ? `${entry.path}/` : entry.path,
  }))
  const listed: ListedIgnored[] = []
  // A parent sorts before what is below it.
  const lines = new Map<ByteString, string>()
  for (const { path, kind, size } of paths.sort(byPath)) {
    const turn = pacer.step()
    if (turn) await turn
    const isDirectory = kind === 'directory'
    const bare = isDirectory ? path.slice(0, -1) : path
    const { excluded: _, ...why } = matcher.explain(bare, isDirectory)
    const line = `${why.line} ${why.file}`
    if (isDirectory) lines.set(path, line)
    const parent = bare.slice(0, bare.lastIndexOf('/') + 1)
    if (entersIgnored || lines.get(parent) !== line) listed.push({ path, size, ...why })
  }
  return listed
}

function byPath(a: { readonly path: ByteString }, b: { readonly path: ByteString }): number {
  return a.path < b.path ? -1 : 1
}
