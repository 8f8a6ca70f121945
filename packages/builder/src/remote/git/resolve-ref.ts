import { aboutRemote } from './git-error.js'
import { type GitProcessOptions, gitText } from './git-process.js'
import type { GitUrl } from './git-url.js'

/** What a ref stands for in a repository at this moment. */
export interface ResolvedRef {
  /** Of a commit, in full. */
  readonly commit: string
  /** Of the annotated tag that leads to it. */
  readonly tag?: string
  /** In full, such as `refs/heads/main`; absent for a commit that was named itself. */
  readonly name?: string
}

const FULL = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * The commit that a git URL means. The full name of a commit stands for itself, whatever branches are called; with
 * fetch-by-commit the checksum is such a name, wherever the ref leads by now. For everything else the server is asked,
 * and a branch comes before a tag.
 * @throws E_GIT_REF, E_GIT_CHECKSUM, and what git throws
 */
export async function resolveRef(url: GitUrl, options: GitProcessOptions): Promise<ResolvedRef> {
  const ref = url.ref ?? (url.checksum !== undefined && FULL.test(url.checksum) ? url.checksum : '')
  checkRef(url, ref)
  if (url.fetchByCommit === true && !FULL.test(ref)) return byCommit(url, ref)
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

/** What the server says of the ref is not asked for. A name is kept when it is one in full: the others could be a branch or a tag. */
function byCommit({ remote, checksum }: GitUrl, ref: string): ResolvedRef {
  if (checksum !== undefined && FULL.test(checksum)) {
    return { commit: checksum, ...(ref.startsWith('refs/') && { name: ref }) }
  }
  throw aboutRemote('E_GIT_CHECKSUM', remote, {
    problem: 'fetch-by-commit needs the commit',
    hint: 'write checksum=COMMIT with all its digits',
    data: { found: checksum ?? '' },
  })
}

const BAD_REF = /^-|[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|(?:^|\/)\.|\.lock$|[./]$/

/** git-check-ref-format(1); what begins with a dash would be an option. */
function checkRef(url: GitUrl, ref: string): void {
  if (!BAD_REF.test(ref)) return
  throw aboutRemote('E_GIT_REF', url.remote, {
    problem: `${JSON.stringify(ref)} cannot be the name of a branch or a tag`,
    data: { ref },
  })
}

async function listRefs(ref: string, options: GitProcessOptions): Promise<Map<string, string>> {
  // A pattern matches the end of names; "^{}" asks for what an annotated tag leads to.
  const patterns = ref === '' ? ['--symref', 'origin', 'HEAD'] : ['origin', ref, `${ref}^{}`]
  const text = await gitText(['ls-remote', '--quiet', ...patterns], options)
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [id = '', name = ''] = line.split('\t')
    if (FULL.test(id)) found.set(name, id)
    else if (name === 'HEAD' && id.startsWith('ref: ')) found.set(SYMBOLIC, id.slice('ref: '.length))
  }
  return found
}

/** No name of a ref. */
const SYMBOLIC = ''

function choose(ref: string, found: ReadonlyMap<string, string>): ResolvedRef | undefined {
  if (ref === '') {
    const name = found.get(SYMBOLIC)
    const isName = name !== undefined && /^refs\/[\w./-]+$/.test(name) && !BAD_REF.test(name)
    return asCommit(found.get('HEAD'), isName ? name : undefined)
  }
  const tag = `refs/tags/${ref.replace(/^refs\/tags\//, '')}`
  const head = `refs/heads/${ref.replace(/^refs\/heads\//, '')}`
  const other = `refs/${ref.replace(/^refs\//, '')}`
  const peeled = found.get(`${tag}^{}`)
  if (found.has(head)) return asCommit(found.get(head), head)
  if (peeled !== undefined) return { commit: peeled, tag: found.get(tag) ?? peeled, name: tag }
  return asCommit(found.get(tag), tag) ?? asCommit(found.get(other), other)
}

function asCommit(commit: string | undefined, name: string | undefined): ResolvedRef | undefined {
  return commit === undefined ? undefined : { commit, ...(name !== undefined && { name }) }
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
