import {
  CooperageError,
  type DirectoryNode,
  decompressed,
  digestOf,
  type FileNode,
  looksLikeTar,
  shownUrl,
  TAR_HEAD,
} from '@cooperage/store'
import type { FetchedFile } from '../remote/fetch-url.js'
import { gitIdentity } from '../remote/git/git-identity.js'
import { type GitUrl, parseGitUrl } from '../remote/git/git-url.js'
import { soundBlob } from '../remote/sound-blob.js'
import { remoteKind } from '../steps/remote-source.js'
import { loadTree } from './load-tree.js'
import type { ContextLoadOptions, ContextSource, LoadedContext } from './source.js'
import { tarContext } from './tar-context.js'

export interface RemoteContextOptions {
  /** False for a context under a name: as in BuildKit, what its URL gives is a file called `context`. Default true. */
  readonly unpacks?: boolean
}

/**
 * A context on another machine: a git repository (`https://host/x.git#ref:subdir`), or a URL of a tar archive, plain or
 * compressed, or of a Dockerfile that is built with nothing beside it but itself, called `context`. As with `docker build`,
 * its own `.dockerignore` is a file like any other. Each `load` asks again; what the store has and the server calls
 * unchanged is not sent.
 * @throws E_CTX_URL for what is neither, E_GIT_URL
 */
export function remoteContext(url: string, { unpacks = true }: RemoteContextOptions = {}): ContextSource {
  const name = shownUrl(url)
  switch (remoteKind(url)) {
    case 'git': {
      const wanted = parseGitUrl(url)
      return { name, load: (load = {}) => loadGit(wanted, fetching(name, unpacks, load)) }
    }
    case 'url':
      return { name, load: (load = {}) => loadUrl(url, name, fetching(name, unpacks, load)) }
    default:
      throw new CooperageError('E_CTX_URL', `${name} is neither a git repository nor a URL of a web server`, {
        hint: 'a git repository is written as https://host/path.git, ssh://host/path or user@host:path',
      })
  }
}

/** How this context is fetched, beside how it is loaded. */
function fetching(name: string, unpacks: boolean, options: ContextLoadOptions) {
  const { spool, records, remote = {}, secrets, ssh, signal = new AbortController().signal } = options
  if (spool !== undefined) return { options, unpacks, blobs: spool, records, remote, secrets, ssh, signal }
  throw new CooperageError('E_CTX_SPOOL', `the context ${name} needs a blob store to be kept in`, {
    category: 'internal',
  })
}

type Fetching = ReturnType<typeof fetching>

async function loadGit(url: GitUrl, fetch: Fetching): Promise<LoadedContext> {
  const keepGitDir = fetch.options.keepGitDir === true
  const { openGit } = await import('../remote/git/git-source.js')
  const wanted = keepGitDir ? { ...url, keepGitDir } : url
  const source = await openGit(wanted, fetch)
  const identity = gitIdentity(wanted, source.ref).join(':')
  const tree = await source.tree()
  // Every entry of the tree has the time of the commit.
  const time = tree.meta.mtime
  const loaded = await loadTree({ tree, identity, blobs: fetch.blobs, isArchive: true, time }, fetch.options)
  return loaded.ignore === undefined ? { ...loaded, treeDigest: digestOf(identity) } : loaded
}

async function loadUrl(url: string, name: string, fetch: Fetching): Promise<LoadedContext> {
  const { blobs, signal, unpacks } = fetch
  const { fetchUrl } = await import('../remote/fetch-url.js')
  const file = await fetchUrl(url, fetch)
  if (!file.isFresh) await soundBlob(file.digest, { blobs, signal, again: () => fetchUrl(url, fetch) })
  const read = () => blobs.read(file.digest, { signal })
  if (unpacks && (await isTar(decompressed(read(), { what: name, signal })))) {
    const archive = await tarContext(read(), { name }).load(fetch.options)
    const loaded = { ...archive, ...(file.mtime !== 0 && { time: file.mtime }) }
    return loaded.ignore === undefined ? { ...loaded, treeDigest: file.digest } : loaded
  }
  return loadFile(file, fetch)
}

/** A file called `context`, with the mode and the time of a download. It is the Dockerfile, whatever path is asked for. */
async function loadFile(file: FetchedFile, { blobs, unpacks, options }: Fetching): Promise<LoadedContext> {
  const { digest, size, mtime } = file
  const meta = { uid: 0, gid: 0, mtime }
  const content = { kind: 'blob', blob: digest, offset: 0 } as const
  const node: FileNode = { type: 'file', meta: { ...meta, mode: 0o600 }, size, content, digest }
  const tree: DirectoryNode = {
    type: 'directory',
    meta: { ...meta, mode: 0o755 },
    children: new Map([['context', node]]),
  }
  const identity = `url:${digest}:${mtime}`
  const loaded = await loadTree({ tree, identity, blobs, isArchive: true }, options)
  return {
    ...loaded,
    ...(mtime !== 0 && { time: mtime }),
    ...(loaded.ignore === undefined && { treeDigest: digestOf(identity) }),
    ...(unpacks && { readFile: () => loaded.readFile('context') }),
  }
}

async function isTar(content: AsyncIterable<Uint8Array>): Promise<boolean> {
  const head = Buffer.alloc(TAR_HEAD)
  let filled = 0
  for await (const chunk of content) {
    filled += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).copy(head, filled)
    if (filled === head.length) break
  }
  return looksLikeTar(head.subarray(0, filled))
}
