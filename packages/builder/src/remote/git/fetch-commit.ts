import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BlobStore, type Digest, isCooperageError } from '@cooperage/store'
import { aboutRemote } from './git-error.js'
import { type GitProcessOptions, gitOutput, gitText } from './git-process.js'
import { whileSmall } from './while-small.js'

/** The files of a commit, as a tar in the blob store. */
export interface FetchedCommit {
  readonly archive: Digest
  readonly size: number
  /** Paths of its submodules, which are empty directories in the archive. */
  readonly submodules: readonly string[]
}

/** What the archive must not leave out or change is what a checkout would have (gitattributes(5), "Creating an archive"). */
const ATTRIBUTES = '* -export-ignore -export-subst\n'

/**
 * Brings a commit into the blob store: fetched alone into a bare repository that lasts as long as this call, and
 * archived from there. Nothing is checked out, so no hook or filter of anybody runs.
 * @throws E_GIT_REF when the server does not give it, E_LIMIT, and what git throws
 */
export async function fetchCommit(
  commit: string,
  options: Omit<GitProcessOptions, 'directory'> & { readonly blobs: BlobStore; readonly maxBytes: number },
): Promise<FetchedCommit> {
  const directory = await mkdtemp(join(tmpdir(), 'cooperage-git-'))
  try {
    const git = { ...options, directory }
    const format = commit.length === 64 ? 'sha256' : 'sha1'
    await gitText(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, directory], git)
    await mkdir(join(directory, 'info'), { recursive: true })
    await writeFile(join(directory, 'info/attributes'), ATTRIBUTES)
    await whileSmall(git, (signal) => fetchObjects(commit, { ...git, signal }))
    return { ...(await archive(commit, git)), submodules: await submodulesOf(commit, git) }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function fetchObjects(commit: string, git: GitProcessOptions): Promise<void> {
  const fetch = ['fetch', '--progress', '--no-tags', 'origin']
  try {
    await gitText([...fetch, '--depth=1', `+${commit}:refs/heads/wanted`], git)
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
): Promise<{ readonly archive: Digest; readonly size: number }> {
  await using writer = await git.blobs.writer({ signal: git.signal })
  for await (const chunk of gitOutput(['archive', '--format=tar', `${commit}^{commit}`], git)) {
    if (writer.written + chunk.length > git.maxBytes) {
      const problem = `its files are over ${git.maxBytes} bytes`
      throw aboutRemote('E_LIMIT', git.remote, { problem, data: { limit: git.maxBytes } })
    }
    await writer.write(chunk)
  }
  const { digest, size } = await writer.commit()
  return { archive: digest, size }
}

async function submodulesOf(commit: string, git: GitProcessOptions): Promise<string[]> {
  const found: string[] = []
  let rest = ''
  for await (const chunk of gitOutput(['ls-tree', '-r', '-z', '--full-tree', `${commit}^{commit}`], git)) {
    const rows = (rest + Buffer.from(chunk).toString('latin1')).split('\0')
    rest = rows.pop() ?? ''
    for (const row of rows) if (row.startsWith('160000 ')) found.push(row.slice(row.indexOf('\t') + 1))
  }
  return found
}
