import { CooperageError, decompressed, digestOf, looksLikeTar, TAR_HEAD } from '@cooperage/store'
import { gitIdentity } from '../remote/git/git-identity.js'
import { type GitUrl, parseGitUrl } from '../remote/git/git-url.js'
import { shownUrl } from '../remote/shown-url.js'
import { soundBlob } from '../remote/sound-blob.js'
import { remoteKind } from '../steps/remote-source.js'
import { loadTree } from './load-tree.js'
import { memory } from './memory.js'
import { LARGEST_TEXT } from './read-directory-file.js'
import type { ContextLoadOptions, ContextSource, LoadedContext } from './source.js'
import { tarContext } from './tar-context.js'

/**
 * A context on another machine: a git repository (`https://host/x.git#ref:subdir`), or a URL of a tar archive, plain or
 * compressed, or of a Dockerfile that is built with nothing beside it. As with `docker build`, its own `.dockerignore`
 * is a file like any other. Each `load` asks again; what the store has and the server calls unchanged is not sent.
 * @throws E_CTX_URL for what is neither, E_GIT_URL
 */
export function remoteContext(url: string): ContextSource {
  const name = shownUrl(url)
  switch (remoteKind(url)) {
    case 'git': {
      const wanted = parseGitUrl(url)
      return { name, load: (load = {}) => loadGit(wanted, fetching(name, load)) }
    }
    case 'url':
      return { name, load: (load = {}) => loadUrl(url, name, fetching(name, load)) }
    default:
      throw new CooperageError('E_CTX_URL', `${name} is neither a git repository nor a URL of a web server`, {
        hint: 'a git repository is written as https://host/path.git, ssh://host/path or user@host:path',
      })
  }
}

/** How this context is fetched, beside how it is loaded. */
function fetching(name: string, options: ContextLoadOptions) {
  const { spool, records, remote = {}, secrets, ssh, signal = new AbortController().signal } = options
  if (spool !== undefined) return { options, blobs: spool, records, remote, secrets, ssh, signal }
  throw new CooperageError('E_CTX_SPOOL', `the context ${name} needs a blob store to be kept in`, {
    category: 'internal',
  })
}

type Fetching = ReturnType<typeof fetching>

async function loadGit(url: GitUrl, fetch: Fetching): Promise<LoadedContext> {
  const keepGitDir = fetch.options.keepGitDir === true
  const { openGit } = await import('../remote/git/git-source.js')
  const source = await openGit(keepGitDir ? { ...url, keepGitDir } : url, fetch)
  const identity = gitIdentity(url, source.commit).join(':')
  const tree = await source.tree()
  // Every entry of the tree has the time of the commit.
  const time = tree.meta.mtime
  const loaded = await loadTree({ tree, identity, blobs: fetch.blobs, isArchive: true, time }, fetch.options)
  return loaded.ignore === undefined ? { ...loaded, treeDigest: digestOf(identity) } : loaded
}

async function loadUrl(url: string, name: string, fetch: Fetching): Promise<LoadedContext> {
  const { blobs, signal } = fetch
  const { fetchUrl } = await import('../remote/fetch-url.js')
  const file = await fetchUrl(url, fetch)
  if (!file.isFresh) await soundBlob(file.digest, { blobs, signal, again: () => fetchUrl(url, fetch) })
  const modified = file.mtime === 0 ? {} : { time: file.mtime }
  const read = () => blobs.read(file.digest, { signal })
  if (await isTar(decompressed(read(), { what: name, signal }))) {
    const archive = await tarContext(read(), { name }).load(fetch.options)
    const loaded = { ...archive, ...modified }
    return loaded.ignore === undefined ? { ...loaded, treeDigest: file.digest } : loaded
  }
  const text = await blobs.readAll(file.digest, LARGEST_TEXT)
  return { ...(await memory({ Dockerfile: text }).load(fetch.options)), ...modified }
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
