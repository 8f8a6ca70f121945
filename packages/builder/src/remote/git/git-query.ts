import type { GitUrl } from './git-url.js'

type Asked = Omit<GitUrl, 'remote'>

const SWITCHES: Readonly<Record<string, 'keepGitDir' | 'submodules' | 'fetchByCommit'>> = {
  'keep-git-dir': 'keepGitDir',
  submodules: 'submodules',
  'fetch-by-commit': 'fetchByCommit',
}
const TRUE = new Set(['', '1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** What the query of a git URL asks for. @throws SyntaxError in BuildKit's words */
export function gitQuery(query: string): Asked {
  const asked: { -readonly [Key in keyof Asked]: Asked[Key] } = {}
  const refs: { tag?: string; branch?: string } = {}
  for (const [key, values] of pairs(query)) {
    if (values.length > 1) throw new SyntaxError(`query ${JSON.stringify(key)} has multiple values`)
    const value = values[0]!
    const toggle = SWITCHES[key]
    if (toggle !== undefined) {
      asked[toggle] = switchValue(key, value)
      continue
    }
    if (value === '') throw new SyntaxError(`query ${JSON.stringify(key)} has no value`)
    if (key === 'ref' || key === 'subdir') asked[key] = value
    else if (key === 'tag') refs.tag = withPrefix('refs/tags/', value)
    else if (key === 'branch') refs.branch = withPrefix('refs/heads/', value)
    else if (key === 'checksum' || key === 'commit') {
      if (asked.checksum !== undefined && asked.checksum !== value) {
        throw new SyntaxError(
          `checksum conflicts: ${JSON.stringify(asked.checksum)} vs ${JSON.stringify(value)}`,
        )
      }
      asked.checksum = value
    } else if (key === 'mtime') asked.mtime = timeValue(value)
    else throw new SyntaxError(`unexpected query ${JSON.stringify(key)}`)
  }
  if (refs.tag !== undefined && refs.branch !== undefined) throw new SyntaxError('branch conflicts with tag')
  const ref = refs.tag ?? refs.branch
  if (ref !== undefined && asked.ref !== undefined && ref !== asked.ref) {
    throw new SyntaxError(`ref conflicts: ${JSON.stringify(asked.ref)} vs ${JSON.stringify(ref)}`)
  }
  return { ...asked, ...(ref !== undefined && { ref }) }
}

/** As Go reads a query: a pair that is malformed, or holds a semicolon, is as if it were not there. */
function pairs(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const at = pair.indexOf('=')
    const key = unescaped(at === -1 ? pair : pair.slice(0, at))
    const value = unescaped(at === -1 ? '' : pair.slice(at + 1))
    if (key === undefined || value === undefined) continue
    const values = found.get(key)
    if (values === undefined) found.set(key, [value])
    else values.push(value)
  }
  return found
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function switchValue(key: string, value: string): boolean {
  if (TRUE.has(value)) return true
  if (FALSE.has(value)) return false
  throw new SyntaxError(`invalid ${key} value: ${JSON.stringify(value)}`)
}

function timeValue(value: string): 'checkout' | 'commit' {
  if (value === 'checkout' || value === 'commit') return value
  throw new SyntaxError(`invalid mtime value: ${JSON.stringify(value)} (must be "checkout" or "commit")`)
}

function withPrefix(prefix: string, value: string): string {
  return value.startsWith(prefix) ? value : prefix + value
}
