import { aboutRemote } from './git-error.js'
import { type GitUrl, gitUrlError } from './git-url.js'

/** Refuses what this version does not serve of git sources, and names no host may have. @throws E_GIT_UNSERVED, E_GIT_URL */
export function refuseUnservedGit(url: GitUrl): void {
  const { remote } = url
  if (url.mtime === 'checkout') {
    throw aboutRemote('E_GIT_UNSERVED', remote, {
      problem: 'times of a checkout are not served: files have the time of their commit',
      hint: 'leave mtime out, or say mtime=commit',
    })
  }
  const host = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/:]*)/.exec(remote)?.[1] ?? ''
  if (host === '' || host.startsWith('-')) throw gitUrlError(remote, 'names no host')
}
