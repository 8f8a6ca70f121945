import { CooperageError, shownUrl } from '@cooperage/store'
import { gitQuery } from './git-query.js'

/** A git repository and what is wanted of it; absent is what nobody asked for. */
export interface GitUrl {
  /** As git takes it, without query and fragment. */
  readonly remote: string
  /** A branch, a tag, a full name below `refs/`, or the name of a commit. */
  readonly ref?: string
  readonly subdir?: string
  /** The beginning of the commit's name. */
  readonly checksum?: string
  readonly keepGitDir?: boolean
  readonly submodules?: boolean
  readonly mtime?: 'checkout' | 'commit'
  readonly fetchByCommit?: boolean
}

const WITH_SCHEME = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is
const SHORT = /^([\w-]+@[A-Za-z0-9.-]+:[^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

/**
 * Reads a source of which `remoteKind` says that it is a git repository: `https://host/x.git`, `git@host:x`, with
 * `#ref:subdir`, or a query such as `?branch=b&subdir=s`, or both where they agree.
 * @throws E_GIT_URL
 */
export function parseGitUrl(text: string): GitUrl {
  const short = SHORT.exec(text)
  if (short !== null) {
    const [, remote = '', query = '', fragment = ''] = short
    return assemble(text, remote, { query, fragment })
  }
  const [, scheme, host = '', path = '', query, fragment = ''] = WITH_SCHEME.exec(text) ?? []
  if (scheme === undefined) throw gitUrlError(text, 'not the URL of a git repository')
  const place = host === '' && path === '' ? '' : `//${encoded(host)}${encodedPath(path)}`
  const remote = `${scheme.toLowerCase()}:${place}${query === '' ? '?' : ''}`
  return assemble(text, remote, { query: query ?? '', fragment: decoded(fragment) })
}

function assemble(
  text: string,
  remote: string,
  parts: { readonly query: string; readonly fragment: string },
): GitUrl {
  try {
    const colon = parts.fragment.indexOf(':')
    const ref = colon === -1 ? parts.fragment : parts.fragment.slice(0, colon)
    const subdir = colon === -1 ? '' : cleaned(parts.fragment.slice(colon + 1))
    const asked = gitQuery(parts.query)
    return {
      remote,
      ...asked,
      ...agreed('ref', ref, asked.ref),
      ...agreed('subdir', subdir, asked.subdir),
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw gitUrlError(text, error.message, error)
  }
}

/** What fragment and query both say must be the same. */
function agreed(
  name: 'ref' | 'subdir',
  written: string,
  asked: string | undefined,
): { [key in typeof name]?: string } {
  if (written === '') return {}
  if (asked === undefined || asked === written) return { [name]: written }
  throw new SyntaxError(`${name} conflicts: ${JSON.stringify(written)} vs ${JSON.stringify(asked)}`)
}

/** As Go's path.Join("/", …): nothing leads above the repository. */
function cleaned(path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names.join('/')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A path that is a valid part of a URL stays as it was written. */
function encodedPath(path: string): string {
  if (/^[\w.~!$&'()*+,;=:@/%[\]-]*$/.test(path)) return path
  return encodeURI(decoded(path)).replace(
    /[!'()*?#]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function encoded(host: string): string {
  return host.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part))
}

export function gitUrlError(text: string, problem: string, cause?: unknown): CooperageError {
  return new CooperageError('E_GIT_URL', `${shownUrl(text)}: ${problem}`, {
    hint: 'a git source is written as https://host/path.git#ref:subdir, or with ?ref=…&subdir=…',
    data: { url: shownUrl(text) },
    cause,
  })
}
