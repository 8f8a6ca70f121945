import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sharedPath } from '../../../../../test/shared.js'
import { parseGitUrl } from './git-url.js'

interface Row {
  readonly url: string
  readonly git: boolean
  readonly error?: string
  readonly indistinguishable_from_local?: boolean
  readonly remote?: string
  readonly ref?: string
  readonly subdir?: string
  readonly checksum?: string
  readonly keep_git_dir?: boolean
  readonly submodules?: boolean
  readonly mtime?: string
  readonly fetch_by_commit?: boolean
}

const path = sharedPath('corpora/golden/git-url.json')

it.skipIf(path === undefined)('every git URL of the golden table is read as BuildKit reads it', () => {
  const { rows } = JSON.parse(readFileSync(path!, 'utf8')) as { rows: Row[] }
  const git = rows.filter((row) => row.git && row.indistinguishable_from_local !== true)
  expect(git.length).toBeGreaterThan(100)
  expect(git.map(({ url }) => [url, read(url)])).toEqual(git.map((row) => [row.url, expected(row)]))
})

function read(url: string): unknown {
  try {
    return parseGitUrl(url)
  } catch (error) {
    return {
      code: (error as { code?: string }).code,
      error: (error as Error).message.replace(/^.*?\.git[^ ]*: /, ''),
    }
  }
}

function expected(row: Row): unknown {
  if (row.error !== undefined) return { code: 'E_GIT_URL', error: row.error }
  const { remote, ref, subdir, checksum, submodules, mtime, keep_git_dir, fetch_by_commit } = row
  const fields = {
    remote,
    ref,
    subdir,
    checksum,
    submodules,
    mtime,
    keepGitDir: keep_git_dir,
    fetchByCommit: fetch_by_commit,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

it.each([
  ['https://h/x.git?commit=ab&checksum=ab', { remote: 'https://h/x.git', checksum: 'ab' }],
  ['git@h:a/b#v1:s/../t', { remote: 'git@h:a/b', ref: 'v1', subdir: 't' }],
])('%s is read', (url, found) => {
  expect(parseGitUrl(url)).toEqual(found)
})

it.each(['https://u:canary@h/x.git?ref=', 'https://h/x.git?commit=a&checksum=b', 'nothing'])(
  '%s is refused',
  (url) => {
    expect(() => parseGitUrl(url)).toThrow(expect.objectContaining({ code: 'E_GIT_URL' }))
    expect(() => parseGitUrl(url)).not.toThrow(/canary/)
  },
)
