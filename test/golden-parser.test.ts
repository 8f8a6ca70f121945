import { readdirSync, readFileSync } from 'node:fs'
import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { decodeText } from '../packages/builder/src/dockerfile/decode-lines.js'
import { parseNodes } from '../packages/builder/src/dockerfile/parse.js'
import { parseDockerfile } from '../packages/builder/src/parse-dockerfile.js'
import { dumpNodes } from './dump-nodes.js'
import { sharedPath } from './shared.js'

interface Row {
  readonly dockerfile?: string
  readonly dockerfile_b64?: string
  readonly ast?: string
  readonly phase?: string
  readonly error?: string
  readonly error_b64?: string
  readonly error_any_of?: readonly string[]
  readonly line?: number
}

function rows(path: string): readonly Row[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { rows: readonly Row[] }).rows
}

function inputOf(row: Row): Uint8Array {
  return row.dockerfile_b64 === undefined
    ? Buffer.from(row.dockerfile ?? '')
    : Buffer.from(row.dockerfile_b64, 'base64')
}

/**
 * Our lines are BuildKit's but for three kinds of errors, where BuildKit counts a line after it has read it:
 * a directive is reported at the line before it, a line that is too long at some line near it, and an empty
 * file at line 0. We name the line itself, and the first line is 1.
 */
function expectedLine(row: Row, code: string): number | undefined {
  if (code === 'E_DF_DIRECTIVE') return (row.line ?? 0) + 1
  if (code === 'E_DF_EMPTY') return Math.max(1, row.line ?? 0)
  if (code === 'E_LIMIT')
    return (row.dockerfile ?? '').split('\n').findIndex((line) => line.length > 65_535) + 1
  return row.line
}

function expectedErrors(row: Row): readonly string[] {
  if (row.error_any_of !== undefined) return row.error_any_of
  if (row.error_b64 !== undefined) return [decodeText(Buffer.from(row.error_b64, 'base64'))]
  return row.error === undefined ? [] : [row.error]
}

/** Refusals of BuildKit that are none here, with the reason. */
const exceptions: readonly { readonly reason: string; readonly covers: (row: Row) => boolean }[] = [
  {
    reason: 'we serve variables in from= of a mount: whether one is known shows when the stages are linked',
    covers: ({ error = '' }) =>
      error.endsWith("'from' doesn't support variable expansion, define alias stage instead"),
  },
]

/** What is wrong with our answer to a row that must fail, or undefined. */
function differenceOf(row: Row): string | undefined {
  const shown = JSON.stringify(decodeText(inputOf(row)).slice(0, 120))
  try {
    parseDockerfile(inputOf(row))
  } catch (error) {
    if (!isCooperageError(error)) return `${shown}: ${String(error)}`
    const expected = expectedErrors(row)
    if (!expected.includes(error.message)) {
      return `${shown}: ${JSON.stringify(error.message)} instead of ${JSON.stringify(expected)}`
    }
    const line = expectedLine(row, error.code)
    return error.location?.line === line
      ? undefined
      : `${shown}: line ${error.location?.line} instead of ${line}`
  }
  return `${shown}: accepted`
}

function expectNoDifferences(differences: readonly (string | undefined)[], count: number): void {
  const found = differences.filter((difference) => difference !== undefined)
  expect(found.slice(0, 10), `${found.length} of ${differences.length} rows differ`).toEqual([])
  expect(differences.length).toBe(count)
}

const accepted = sharedPath('corpora/golden/parse-ok.json')
const refused = sharedPath('corpora/golden/parse-error.json')
const corpus = sharedPath('corpora/buildkit/parser')

test.skipIf(accepted === undefined)('odd files that BuildKit accepts give the same tree', () => {
  const differences = rows(accepted!).map((row) => {
    const dump = dumpNodes(parseNodes(inputOf(row)).nodes)
    parseDockerfile(inputOf(row))
    return dump === row.ast ? undefined : `${JSON.stringify(row.dockerfile)}: ${dump} instead of ${row.ast}`
  })
  expectNoDifferences(differences, 292)
})

test.skipIf(refused === undefined)(
  'what BuildKit refuses to parse is refused in its words, at its lines',
  () => {
    const failing = rows(refused!).filter((row) => row.phase === 'parse' || row.phase === 'instructions')
    const judged = failing.filter((row) => !exceptions.some(({ covers }) => covers(row)))
    expect(failing.length - judged.length).toBe(2)
    expectNoDifferences(judged.map(differenceOf), 564)
  },
)

test.skipIf(refused === undefined)(
  'files that fail only when they are evaluated parse without an error',
  () => {
    const later = rows(refused!).filter((row) => row.phase === 'convert' || row.phase === 'syntax')
    for (const row of later) parseDockerfile(inputOf(row))
    expect(later.length).toBe(287)
  },
)

test.skipIf(corpus === undefined)('the cases of BuildKit give the same tree byte by byte', () => {
  const names = readdirSync(`${corpus}/testfiles`)
  for (const name of names) {
    const { nodes } = parseNodes(readFileSync(`${corpus}/testfiles/${name}/Dockerfile`))
    const expected = readFileSync(`${corpus}/testfiles/${name}/result`, 'utf8')
    expect(`${dumpNodes(nodes)}\n`, name).toBe(expected)
  }
  expect(names.length).toBe(33)
})

test.skipIf(corpus === undefined)('the negative cases of BuildKit are refused', () => {
  const names = readdirSync(`${corpus}/testfiles-negative`)
  for (const name of names) {
    const text = readFileSync(`${corpus}/testfiles-negative/${name}/Dockerfile`)
    expect(() => parseNodes(text), name).toThrow()
  }
  expect(names.length).toBe(4)
})

test.skipIf(corpus === undefined)('nodes know the lines they come from', () => {
  const { nodes } = parseNodes(readFileSync(`${corpus}/testfile-line/Dockerfile`))
  expect(nodes.map(({ range }) => [range.line, range.endLine])).toEqual([
    [5, 5],
    [11, 12],
    [17, 31],
  ])
})
