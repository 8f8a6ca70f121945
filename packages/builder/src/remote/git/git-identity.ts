import type { GitUrl } from './git-url.js'

/** Names the files that a URL means in a repository at this commit. */
export function gitIdentity(url: GitUrl, commit: string): readonly string[] {
  return ['git', commit, url.subdir ?? '', String(url.submodules ?? true)]
}
