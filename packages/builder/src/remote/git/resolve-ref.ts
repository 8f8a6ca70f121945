import { aboutRemote } from './git-error.js'
import { type GitProcessOptions, gitText } from './git-process.js'
import type { GitUrl } from './git-url.js'

/** What a ref stands for in a repository at this moment. */
export interface ResolvedRef {
  /** Of a commit, in full. */
  readonly commit: string
  /** Of the annotated tag that leads to it. */
  readonly tag?: string
}

const FULL = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * The commit that a git URL means. The full name of a commit stands for itself, whatever branches are called; for
 * everything else the server is asked, and a branch comes before a tag.
 * @throws E_GIT_REF, E_GIT_CHECKSUM, and what git throws
 */
export async function resolveRef(url: GitUrl, options: GitProcessOptions): Promise<ResolvedRef> {
  const ref = url.ref ?? (url.checksum !== undefined && FULL.test(url.checksum) ? url.checksum : '')
  checkRef(url, ref)
  const found = FULL.test(ref) ? { commit: ref } : choose(ref, await listRefs(ref, options))
  if (found === undefined) {
    throw aboutRemote('E_GIT_REF', url.remote, {
      problem:
        ref === ''
          ? 'the repository has no default branch'
          : `no branch or tag is called ${JSON.stringify(ref)}`,
      hint: 'the name of a commit is written with all its digits',
      data: { ref },
    })
  }
  checkCommit(url, found)
  return found
}

/** git-check-ref-format(1); what begins with a dash would be an option. */
function checkRef(url: GitUrl, ref: string): void {
  if (!/^-|[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|(?:^|\/)\.|\.lock$|[./]$/.test(ref)) return
  throw aboutRemote('E_GIT_REF', url.remote, {
    problem: `${JSON.stringify(ref)} cannot be the name of a branch or a tag`,
    data: { ref },
  })
}

async function listRefs(ref: string, options: GitProcessOptions): Promise<Map<string, string>> {
  // A pattern matches the end of names; "^{}" asks for what an annotated tag leads to.
  const patterns = ref === '' ? ['HEAD'] : [ref, `${ref}^{}`]
  const text = await gitText(['ls-remote', '--quiet', 'origin', ...patterns], options)
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [id = '', name = ''] = line.split('\t')
    if (FULL.test(id)) found.set(name, id)
  }
  return found
}

function choose(ref: string, found: ReadonlyMap<string, string>): ResolvedRef | undefined {
  if (ref === '') return asCommit(found.get('HEAD'))
  const tail = ref.replace(/^refs\//, '')
  const tag = `refs/tags/${ref.replace(/^refs\/tags\//, '')}`
  const head = found.get(`refs/heads/${ref.replace(/^refs\/heads\//, '')}`)
  const peeled = found.get(`${tag}^{}`)
  if (head !== undefined) return { commit: head }
  if (peeled !== undefined) return { commit: peeled, tag: found.get(tag) ?? peeled }
  return asCommit(found.get(tag) ?? found.get(`refs/${tail}`))
}

function asCommit(commit: string | undefined): ResolvedRef | undefined {
  return commit === undefined ? undefined : { commit }
}

function checkCommit({ remote, checksum }: GitUrl, { commit, tag }: ResolvedRef): void {
  if (checksum === undefined) return
  const isPrefix = /^[0-9a-f]{7,64}$/.test(checksum)
  if (isPrefix && (commit.startsWith(checksum) || tag?.startsWith(checksum))) return
  throw aboutRemote('E_GIT_CHECKSUM', remote, {
    problem: isPrefix
      ? `expected checksum to match ${checksum}, got ${commit}`
      : `invalid checksum ${JSON.stringify(checksum)}: it is the first digits of a commit, seven at least`,
    data: { expected: checksum, found: commit },
  })
}
