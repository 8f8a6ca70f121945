import { isCooperageError } from '@cooperage/store'
import { redirectTarget } from '@cooperage/store/http'
import { sendRequest } from '../send-request.js'
import { aboutRemote } from './git-error.js'
import type { GitAccess } from './git-process.js'

const MAX_HOPS = 5
const ASKED = '/info/refs?service=git-upload-pack'

/**
 * Asks a repository something with credentials, and once more where its server redirects to. Git would send them
 * along to whatever host the redirect names, so that it follows none by itself then; another origin is asked as nobody.
 * @returns with the answer, where it came from: further questions go there at once
 */
export async function followGitRedirect<T>(
  access: GitAccess,
  ask: (access: GitAccess) => Promise<T>,
): Promise<{ readonly answer: T; readonly access: GitAccess }> {
  try {
    return { answer: await ask(access), access }
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_GIT_REDIRECT') throw error
  }
  const moved = await findPlace(access)
  return { answer: await ask(moved), access: moved }
}

async function findPlace(access: GitAccess): Promise<GitAccess> {
  const { remote, settings, signal } = access
  const first = new URL(remote)
  const { authorization } = access
  let url = new URL(`${first.href.replace(/\/$/, '')}${ASKED}`)
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const headers = { 'user-agent': 'git/cooperage', ...(authorization !== undefined && { authorization }) }
    const response = await sendRequest(url, { headers, remote: settings, signal })
    response.discard()
    const next = redirectTarget(url, response, hop)
    if (next.kind === 'none') return at(url, access)
    if (next.kind === 'refuse') break
    url = next.url
    if (url.origin !== first.origin) return at(url, access)
  }
  throw aboutRemote('E_GIT_REDIRECT', remote, {
    problem: 'the server redirects to where no repository can be',
  })
}

/** The repository behind a URL that was redirected to; credentials stay with their origin. */
function at(url: URL, access: GitAccess): GitAccess {
  const { remote, authorization: _, ...rest } = access
  if (!url.href.endsWith(ASKED)) {
    throw aboutRemote('E_GIT_REDIRECT', remote, { problem: 'the server redirects to what is no repository' })
  }
  const place = url.href.slice(0, -ASKED.length)
  const isOwn = url.origin === new URL(remote).origin
  return isOwn ? { ...access, remote: place } : { ...rest, remote: place }
}
