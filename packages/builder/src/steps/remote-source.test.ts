import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sharedPath } from '../../../../test/shared.js'
import { remoteKind } from './remote-source.js'

test.each([
  ['a', undefined],
  ['./x.git', undefined],
  ['github.com/a/b.git', undefined],
  ['https://example.com/f', 'url'],
  ['http://', 'url'],
  ['https://example.com/x.git?ref=main', 'git'],
  ['https://example.com/x.git#main:sub', 'git'],
  ['git@host:x', 'git'],
  ['ssh://host/x', 'git'],
])('the source %s is remote as %s', (source, kind) => {
  expect(remoteKind(source)).toBe(kind)
})

const path = sharedPath('corpora/golden/git-url.json')

test.skipIf(path === undefined)('git repositories are told from other sources as in the golden table', () => {
  const { rows } = JSON.parse(readFileSync(path!, 'utf8')) as {
    rows: { url: string; git: boolean; indistinguishable_from_local?: boolean }[]
  }
  const wrong = rows.filter(
    ({ url, git, indistinguishable_from_local: local }) =>
      (remoteKind(url) === 'git') !== (git && local !== true),
  )
  expect(wrong).toEqual([])
})
