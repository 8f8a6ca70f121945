import { type GitUrl, gitUrlError, parseGitUrl } from './git-url.js'
import { refuseUnservedGit } from './refuse-unserved-git.js'

/** What flags of an ADD say beside the URL. */
export interface GitFlags {
  /** Empty when not given. */
  readonly checksum: string
  readonly keepGitDir: boolean
}

/** What an ADD wants of a git repository. @throws E_GIT_URL, E_GIT_UNSERVED */
export function wantedGit(source: string, flags: GitFlags): GitUrl {
  const url = parseGitUrl(source)
  const checksum = flags.checksum === '' ? url.checksum : flags.checksum
  if (url.checksum !== undefined && url.checksum !== checksum) {
    throw gitUrlError(source, `checksum conflicts: ${flags.checksum} vs ${url.checksum}`)
  }
  const wanted: GitUrl = {
    ...url,
    ...(checksum !== undefined && { checksum }),
    ...(flags.keepGitDir && { keepGitDir: true }),
  }
  refuseUnservedGit(wanted)
  return wanted
}
