import { aboutRemote } from './git-error.js'

const SAFE = /^(?:https?|git|ssh):\/\//
const SHORT = /^[\w.-]+@[A-Za-z0-9.-]+:(?!\/\/)/

/**
 * Where a submodule comes from: the URL in `.gitmodules`, one that begins with `./` or `../` counted from the repository that names
 * it (gitmodules(5)). Only other machines are asked, and only in protocols that run nothing here.
 * @throws E_GIT_SUBMODULE
 */
export function submoduleUrl(
  parent: string,
  submodule: { readonly path: string; readonly url: string },
): string {
  const { path, url } = submodule
  const refuse = (problem: string) =>
    aboutRemote('E_GIT_SUBMODULE', parent, {
      problem: `its submodule ${JSON.stringify(path)} ${problem}`,
      hint: 'say ?submodules=false to have submodules as empty directories',
      data: { path },
    })
  if (/[\x00-\x1f\x7f]/.test(url)) throw refuse('has control characters in its URL')
  const found = /^\.\.?(?:\/|$)/.test(url) ? relative(parent, url) : url
  if (found === undefined) throw refuse('leads above its server')
  if (!SAFE.test(found) && !SHORT.test(found)) {
    throw refuse('is no repository on another machine: only https, http, ssh and git are followed')
  }
  const host = found.replace(/^[a-z]+:\/\//, '').replace(/^[^/@]*@/, '')
  if (host === '' || /^[-/:]/.test(host)) throw refuse('names no host')
  return found
}

/** As git counts: each `../` takes the last part off, be it after a slash or after the colon of `user@host:path`. */
function relative(parent: string, url: string): string | undefined {
  const [, start = '', path = ''] = /^([a-z]+:\/\/[^/]*\/|[^/]*?:)(.*)$/s.exec(parent) ?? []
  const parts = path.split('/').filter((part) => part !== '')
  for (const part of url.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return start === '' || parts.length === 0 ? undefined : start + parts.join('/')
}
