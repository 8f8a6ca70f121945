import {
  type ArchiveItem,
  applyArchive,
  type BlobStore,
  type ByteString,
  CooperageError,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  isCooperageError,
  type RecordStore,
  scanTar,
  splitPath,
  TreeEditor,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'
import { parseUrl } from '@cooperage/store/http'
import type { SecretSource } from '../../secrets/secret-source.js'
import { soundBlob } from '../sound-blob.js'
import { type FetchedCommit, fetchCommit } from './fetch-commit.js'
import { followGitRedirect } from './follow-git-redirect.js'
import { authorizedRemote } from './git-authorization.js'
import { aboutRemote } from './git-error.js'
import type { GitAccess } from './git-process.js'
import { gitDirectory, type KeptModule } from './keep/git-directory.js'
import type { GitLink } from './read-listing.js'
import { recallCommit, rememberCommit } from './remembered-commit.js'
import type { ResolvedRef } from './resolve-ref.js'
import { submoduleUrl } from './submodule-url.js'

const MAX_DEPTH = 16
const MAX_MODULES = 1000

interface GitTreesOptions {
  readonly blobs: BlobStore
  readonly records: RecordStore | undefined
  readonly secrets: SecretSource
  /** Of the repository that was asked for, and where it was found. */
  readonly access: GitAccess
  /** As it was asked for: what submodules are counted from. */
  readonly root: string
  /** Of all that is fetched together. */
  readonly maxBytes: number
  readonly keepsGitDir: boolean
  readonly hasSubmodules: boolean
}

/** A commit that is to become a tree. */
interface Place {
  readonly access: GitAccess
  readonly remote: string
  readonly ref: ResolvedRef
  readonly depth: number
  /** Below which all is wanted; the rest may lack its submodules. */
  readonly names: readonly ByteString[]
  /** Of the repository and of its files below the root: `.git/modules/m` and `m` for a submodule. */
  readonly gitPath: string
  readonly filesPath: string
}

interface Repository {
  readonly tree: DirectoryNode
  readonly gitDirectory: DirectoryNode | undefined
}

/** Makes the tree of a commit, and of the submodules in it, each fetched for itself. */
export class GitTrees {
  readonly #options: GitTreesOptions
  #left: number
  #modules = 0

  constructor(options: GitTreesOptions) {
    this.#options = options
    this.#left = options.maxBytes
  }

  /** @throws E_GIT_SUBDIR, E_GIT_SUBMODULE, E_LIMIT, and what fetching throws */
  async read(ref: ResolvedRef, subdir: string): Promise<DirectoryNode> {
    const { access, root, keepsGitDir } = this.#options
    const names = splitPath(fromUtf8(subdir))
    const { tree, gitDirectory } = await this.#repository({
      access,
      remote: root,
      ref,
      depth: 0,
      names,
      gitPath: '.git',
      filesPath: '',
    })
    if (keepsGitDir && gitDirectory !== undefined) return withGit(tree, gitDirectory)
    return subdirectory(root, tree, names)
  }

  async #repository(place: Place): Promise<Repository> {
    const { ref, remote, depth } = place
    const fetched = await this.#commit(place)
    const files = await readArchive(fetched, this.#options.blobs, place.access.signal)
    const editor = new TreeEditor(files)
    const modules: KeptModule[] = []
    for (const link of this.#options.hasSubmodules ? fetched.links : []) {
      const names = splitPath(link.path)
      const within = wantedWithin(names, place.names)
      if (within === undefined || link.isSkipped === true) continue
      const { repository, remote: from, name } = await this.#submodule(link, place, within)
      editor.put(names, repository.tree)
      const { gitDirectory: directory } = repository
      if (directory !== undefined) modules.push({ name, remote: from, directory })
    }
    const tree = editor.finish()
    if (fetched.kept === undefined) return { tree, gitDirectory: undefined }
    const kept = { ref, remote, objects: fetched.kept, modules, time: files.meta.mtime }
    if (depth === 0) return { tree, gitDirectory: gitDirectory(kept) }
    const worktree = upFrom(place.gitPath) + place.filesPath
    return { tree: withGitFile(tree, place), gitDirectory: gitDirectory({ ...kept, worktree }) }
  }

  async #submodule(link: GitLink, parent: Place, names: readonly ByteString[]) {
    const path = toUtf8(link.path)
    const { name, url } = link
    if (name === undefined || url === undefined) {
      throw aboutRemote('E_GIT_SUBMODULE', parent.remote, {
        problem: `its .gitmodules names no URL for ${JSON.stringify(path)}`,
        hint: 'say ?submodules=false to have submodules as empty directories',
        data: { path },
      })
    }
    if (parent.depth === MAX_DEPTH || ++this.#modules > MAX_MODULES) {
      const limit = parent.depth === MAX_DEPTH ? MAX_DEPTH : MAX_MODULES
      const problem = `it has over ${limit} submodules${limit === MAX_DEPTH ? ' in one another' : ''}`
      throw aboutRemote('E_LIMIT', this.#options.root, { problem, data: { limit } })
    }
    const remote = submoduleUrl(parent.remote, { path, url })
    const { secrets, access, root } = this.#options
    const isChosen = originOf(remote) === originOf(root)
    const authorized = await authorizedRemote(remote, { secrets, signal: access.signal, isChosen })
    try {
      const repository = await this.#repository({
        access: { ...access, ...authorized },
        remote,
        ref: { commit: link.commit },
        depth: parent.depth + 1,
        names,
        gitPath: `${parent.gitPath}/modules/${name}`,
        filesPath: parent.filesPath === '' ? path : `${parent.filesPath}/${path}`,
      })
      return { repository, remote, name }
    } catch (error) {
      throw ofSubmodule(path, error)
    }
  }

  async #commit({ access, remote, ref }: Place): Promise<FetchedCommit> {
    const { blobs, records, keepsGitDir: keepsObjects } = this.#options
    const wanted = { commit: ref.commit, tag: ref.tag, keepsObjects }
    const bring = async () => {
      const maxBytes = this.#left
      const { answer } = await followGitRedirect(access, (access) =>
        fetchCommit(wanted, { ...access, blobs, maxBytes }),
      )
      await rememberCommit(records, { remote, ...wanted }, answer)
      return answer
    }
    const known = await recallCommit(records, { remote, ...wanted })
    const found = known ?? (await bring())
    this.#left -= found.size
    if (this.#left < 0) {
      const { maxBytes, root } = this.#options
      const problem = `it is over ${maxBytes} bytes together with its submodules`
      throw aboutRemote('E_LIMIT', root, { problem, data: { limit: maxBytes } })
    }
    if (known === undefined) return found
    let again: Promise<FetchedCommit> | undefined
    for (const pick of BLOBS) {
      const digest = pick(found)
      if (digest === undefined) continue
      await soundBlob(digest, {
        blobs,
        signal: access.signal,
        again: async () => {
          again ??= bring()
          return { digest: pick(await again) ?? digest }
        },
      })
    }
    return found
  }
}

const BLOBS = [
  (fetched: FetchedCommit) => fetched.archive,
  (fetched: FetchedCommit) => fetched.kept?.pack.digest,
  (fetched: FetchedCommit) => fetched.kept?.packIndex.digest,
  (fetched: FetchedCommit) => fetched.kept?.index.digest,
]

async function readArchive(
  { archive }: FetchedCommit,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<DirectoryNode> {
  await using range = await blobs.openRange(archive)
  const items: ArchiveItem[] = []
  for await (const item of scanTar(range, { signal })) items.push(item)
  // Of the commit, as that of every entry.
  const now = items[0]?.entry.mtime ?? 0
  const root = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: now })
  return applyArchive(root, items, { blob: archive, as: 'archive', now })
}

/** What of a submodule is wanted when `names` are: undefined for nothing, no names for all. */
function wantedWithin(
  path: readonly ByteString[],
  names: readonly ByteString[],
): readonly ByteString[] | undefined {
  const shared = Math.min(path.length, names.length)
  if (path.slice(0, shared).some((name, index) => name !== names[index])) return undefined
  return names.slice(shared)
}

function withGit(tree: DirectoryNode, git: TreeNode): DirectoryNode {
  return { ...tree, children: new Map([...tree.children, ['.git', git]]) }
}

/** In a submodule `.git` is a file that tells where its repository is (gitrepository-layout(5)). */
function withGitFile(tree: DirectoryNode, { gitPath, filesPath }: Place): DirectoryNode {
  const bytes = Buffer.from(`gitdir: ${upFrom(filesPath)}${gitPath}\n`)
  const meta = { ...tree.meta, mode: 0o644 }
  return withGit(tree, { type: 'file', meta, size: bytes.length, content: { kind: 'bytes', bytes } })
}

function upFrom(path: string): string {
  return '../'.repeat(path.split('/').length)
}

/** Each part must be a directory: a link could lead anywhere in the repository (CVE-2026-33748). */
function subdirectory(remote: string, tree: DirectoryNode, names: readonly ByteString[]): DirectoryNode {
  let directory = tree
  for (const [index, name] of names.entries()) {
    const child = directory.children.get(name)
    if (child?.type !== 'directory') {
      const path = toUtf8(names.slice(0, index + 1).join('/'))
      const what = child === undefined ? 'it has no' : 'not a directory in it:'
      throw aboutRemote('E_GIT_SUBDIR', remote, {
        problem: `${what} ${JSON.stringify(path)}`,
        data: { path },
      })
    }
    directory = child
  }
  return directory
}

function originOf(remote: string): string {
  const url = /^https?:/.test(remote) ? parseUrl(remote) : undefined
  return url?.origin ?? remote
}

function ofSubmodule(path: string, error: unknown): unknown {
  if (!isCooperageError(error) || !error.code.startsWith('E_GIT_')) return error
  return new CooperageError(error.code, `submodule ${JSON.stringify(path)}: ${error.message}`, {
    category: error.category,
    hint: error.hint ?? 'say ?submodules=false to have submodules as empty directories',
    data: { ...error.data, submodule: path },
    cause: error.cause,
  })
}
