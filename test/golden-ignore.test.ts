import { fromUtf8, isCooperageError, toUtf8 } from '@cooperage/store'
import { expect, test } from 'vitest'
import {
  createIgnoreMatcher,
  type IgnoreMatcher,
  type IgnoreState,
} from '../packages/builder/src/context/ignore/create-ignore-matcher.js'
import { readIgnoreLines } from '../packages/builder/src/context/ignore/read-ignore-lines.js'
import { differences, readGolden } from './golden.js'

interface IgnoreRow {
  readonly id: number
  readonly text?: string
  readonly text_b64?: string
  readonly paths?: readonly string[]
  readonly patterns?: readonly string[]
  readonly patterns_b64?: readonly string[]
  readonly excluded?: readonly number[]
  readonly sent?: readonly string[]
  readonly error?: string
  readonly walk_error?: string
}

const golden = readGolden<IgnoreRow>('dockerignore.json')
const matcherError = Symbol('matcher error')

function orError<T>(action: () => T): T | typeof matcherError {
  try {
    return action()
  } catch (error) {
    if (isCooperageError(error) && error.code === 'E_IGNORE_PATTERN') return matcherError
    throw error
  }
}

const textOf = (row: IgnoreRow) =>
  row.text === undefined ? Buffer.from(row.text_b64!, 'base64') : Buffer.from(row.text, 'utf8')

interface Folder {
  readonly entries: Map<string, Folder | undefined>
}

function treeOf(paths: readonly string[]): Folder {
  const root: Folder = { entries: new Map() }
  for (const path of paths) {
    const parts = path.split('/')
    const name = parts.pop()!
    let folder = root
    for (const part of parts) {
      let next = folder.entries.get(part)
      if (!next) {
        next = { entries: new Map() }
        folder.entries.set(part, next)
      }
      folder = next
    }
    if (name !== '') folder.entries.set(name, undefined)
  }
  return root
}

/** What a context walk keeps: an excluded directory only as the parent of something kept. */
function sent(
  matcher: IgnoreMatcher,
  folder: Folder,
  from: { prefix: string; state: IgnoreState },
): string[] {
  const { prefix, state } = from
  const kept: string[] = []
  for (const [name, entry] of folder.entries) {
    const path = prefix + name
    const verdict = matcher.visit(fromUtf8(path), entry !== undefined, state)
    const below =
      entry && !verdict.prune ? sent(matcher, entry, { prefix: `${path}/`, state: verdict.state }) : []
    if (!verdict.excluded || below.length > 0) kept.push(entry ? `${path}/` : path)
    kept.push(...below)
  }
  return kept
}

test.runIf(golden)(
  'long ignore files, which are searched and not tried line by line, give the same answers',
  () => {
    const padding = Array.from({ length: 20 }, (_, index) => `\nno-such-name-${index}`).join('')
    const differing: unknown[] = []
    for (const row of golden!.rows) {
      if (row.error) continue
      const text = Buffer.concat([textOf(row), Buffer.from(padding)])
      const matcher = createIgnoreMatcher(text)
      for (const [index, path] of row.paths!.entries()) {
        const found = orError(() => (matcher.excludes(fromUtf8(path.replace(/\/$/, ''))) ? 1 : 0))
        const expected = row.excluded![index]
        if ((found === matcherError ? -1 : found) !== expected) {
          differing.push({ id: row.id, text: row.text, path, expected, found: String(found) })
        }
      }
      if (!row.sent) continue
      const found = sent(matcher, treeOf(row.paths!), { prefix: '', state: [] })
      if (found.sort().join('\0') !== [...row.sent].sort().join('\0')) differing.push({ id: row.id, found })
    }
    expect(differences(differing)).toBeUndefined()
  },
)

test.runIf(golden)('ignore files read, exclude and send as in Docker', () => {
  const differing: unknown[] = []
  for (const row of golden!.rows) {
    const text = textOf(row)
    const matcher = orError(() => createIgnoreMatcher(text))
    if (matcher === matcherError || row.error) {
      if (matcher !== matcherError || !row.error)
        differing.push({ id: row.id, text: row.text, error: row.error })
      continue
    }
    if (row.patterns || row.patterns_b64) {
      const expected =
        row.patterns?.map(fromUtf8) ??
        row.patterns_b64!.map((pattern) => Buffer.from(pattern, 'base64').toString('latin1'))
      const patterns = readIgnoreLines(text.toString('latin1'), 'x').map(({ pattern }) => pattern)
      if (patterns.join('\0') !== expected.join('\0')) differing.push({ id: row.id, expected, patterns })
    }
    for (const [index, path] of row.paths!.entries()) {
      const found = orError(() => (matcher.excludes(fromUtf8(path.replace(/\/$/, ''))) ? 1 : 0))
      const expected = row.excluded![index]
      if ((found === matcherError ? -1 : found) !== expected) {
        differing.push({ id: row.id, text: row.text, path, expected, found: String(found) })
      }
    }
    if (!row.sent && !row.walk_error) continue
    const found = orError(() =>
      sent(matcher, treeOf(row.paths!), { prefix: '', state: [] }).map(fromUtf8).sort().map(toUtf8),
    )
    const expected = row.walk_error ? matcherError : row.sent!.map(fromUtf8).sort().map(toUtf8)
    const same =
      found === expected ||
      (Array.isArray(found) && Array.isArray(expected) && found.join('\0') === expected.join('\0'))
    if (!same)
      differing.push({ id: row.id, text: row.text, paths: row.paths, sent: row.sent, found: String(found) })
  }
  expect(differences(differing)).toBeUndefined()
})
