import { parseUrl } from '@cooperage/store/http'

const WEB = /^https?:\/\//i
const SSH_SHORT = /^[\w-]+@[A-Za-z0-9.-]+:/
const GIT_SCHEME = /^(?:git|ssh):\/\//i

/**
 * What a source of COPY or ADD is when it does not lie in the context. A web address is a git repository when its
 * path ends in `.git`. `github.com/a/b` without a scheme may be a path as well, and is one here.
 */
export function remoteKind(source: string): 'git' | 'url' | undefined {
  if (GIT_SCHEME.test(source) || SSH_SHORT.test(source)) return 'git'
  if (!WEB.test(source)) return undefined
  const path = source.replace(WEB, '').replace(/[?#].*$/s, '')
  if (path.includes('/') && path.endsWith('.git') && parseUrl(source) !== undefined) return 'git'
  return /^https?:\/\//.test(source) ? 'url' : undefined
}
