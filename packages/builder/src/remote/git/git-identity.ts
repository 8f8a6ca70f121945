import { shownUrl } from '@cooperage/store'
import type { GitUrl } from './git-url.js'
import type { ResolvedRef } from './resolve-ref.js'

/** Names the files that a URL means in a repository at this commit, and where `.git` is kept what it says besides. */
export function gitIdentity(url: GitUrl, { commit, tag = '', name = '' }: ResolvedRef): readonly string[] {
  const files = ['git', commit, url.subdir ?? '', String(url.submodules ?? true)]
  return keepsGitDir(url) ? [...files, 'keep', shownUrl(url.remote), name, tag] : files
}

/** As in BuildKit, a subdirectory has no `.git`. */
export function keepsGitDir({ keepGitDir, subdir = '' }: GitUrl): boolean {
  return keepGitDir === true && /^[./]*$/.test(subdir)
}
