import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BlobStore, type Digest, isCooperageError } from '@cooperage/store'
import { aboutRemote } from './git-error.js'
import { type GitAccess, type GitProcessOptions, gitOutput, gitText } from './git-process.js'
import { type KeptObjects, keepObjects } from './keep/keep-objects.js'
import { type GitLink, readListing } from './read-listing.js'
import { whileSmall } from './while-small.js'

/** A commit as blobs of the store. */
export interface FetchedCommit {
  /** Its files, as a tar; submodules are empty directories in it. */
  readonly archive: Digest
  /** Of all blobs together, in bytes. */
  readonly size: number
  readonly links: readonly GitLink[]
  /** Its objects, when `.git` is wanted. */
  readonly kept?: KeptObjects
}

export interface WantedCommit {
  readonly commit: string
  /** The annotated tag that leads to it. */
  readonly tag?: string | undefined
  readonly keepsObjects: boolean
}

/** What the archive must not leave out or change is what a checkout would have (gitattributes(5), "Creating an archive"). */
const ATTRIBUTES = '* -export-ignore -export-subst\n'

/**
 * Brings a commit into the blob store: fetched alone into a bare repository that lasts as long as this call, and
 * archived from there. Nothing is checked out, so no hook or filter of anybody runs.
 * @throws E_GIT_REF when the server does not give it, E_GIT_TREE, E_GIT_SUBMODULE, E_LIMIT, and what git throws
 */
export async function fetchCommit(
  wanted: WantedCommit,
  options: GitAccess & { readonly blobs: BlobStore; readonly maxBytes: number },
): Promise<FetchedCommit> {
  const { commit, tag, keepsObjects } = wanted
  const directory = await mkdtemp(join(tmpdir(), 'cooperage-git-'))
  try {
    const git = { ...options, directory }
    const format = commit.length === 64 ? 'sha256' : 'sha1'
    await gitText(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, directory], git)
    await mkdir(join(directory, 'info'), { recursive: true })
    await writeFile(join(directory, 'info/attributes'), ATTRIBUTES)
    await whileSmall(git, (signal) => fetchObjects(wanted, { ...git, signal }))
    const { links, files } = await readListing(commit, git, { withFiles: keepsObjects })
    const { digest, size } = await archive(commit, git)
    if (!keepsObjects) return { archive: digest, size, links }
    const kept = await keepObjects({ commit, tag, files }, { ...git, maxBytes: git.maxBytes - size })
    return { archive: digest, size: size + kept.pack.size, links, kept }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function fetchObjects(
  { commit, tag, keepsObjects }: WantedCommit,
  git: GitProcessOptions,
): Promise<void> {
  const wanted = [
    `+${commit}:refs/heads/wanted`,
    ...(keepsObjects && tag ? [`+${tag}:refs/tags/wanted`] : []),
  ]
  const fetch = ['fetch', '--progress', '--no-tags', 'origin']
  try {
    await gitText([...fetch, '--depth=1', ...wanted], git)
  } catch (error) {
    // An older server gives only commits that a name leads to: then all names are fetched.
    if (!isCooperageError(error) || error.code !== 'E_GIT_FAILED') throw error
    await gitText([...fetch, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], git)
  }
  const { remote } = git
  const type = await gitText(['cat-file', '-t', `${commit}^{commit}`], git).catch((error: unknown) => {
    if (!isCooperageError(error) || error.code !== 'E_GIT_FAILED') throw error
    throw aboutRemote('E_GIT_REF', remote, { problem: `it has no commit ${commit}`, data: { ref: commit } })
  })
  if (type.trim() !== 'commit') throw aboutRemote('E_GIT_REF', remote, { problem: `${commit} is no commit` })
}

async function archive(
  commit: string,
  git: GitProcessOptions & { readonly blobs: BlobStore; readonly maxBytes: number },
): Promise<{ readonly digest: Digest; readonly size: number }> {
  await using writer = await git.blobs.writer({ signal: git.signal })
  for await (const chunk of gitOutput(['archive', '--format=tar', `${commit}^{commit}`], git)) {
    if (writer.written + chunk.length > git.maxBytes) {
      const problem = `its files are over ${git.maxBytes} bytes`
      throw aboutRemote('E_LIMIT', git.remote, { problem, data: { limit: git.maxBytes } })
    }
    await writer.write(chunk)
  }
  return writer.commit()
}
