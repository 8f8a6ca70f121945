import { readFileSync } from 'node:fs'
import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { envMap } from '../packages/builder/src/words/env-map.js'
import { type Expansion, expandWord, expandWords } from '../packages/builder/src/words/expand.js'
import { differences, readGolden } from './golden.js'
import { sharedPath } from './shared.js'

interface ExpandRow {
  readonly id: number
  readonly text?: string
  readonly text_b64?: string
  readonly env?: readonly string[]
  readonly escape?: string
  readonly options?: readonly string[]
  readonly result?: string
  readonly words?: readonly string[]
  readonly error?: string
  readonly matched?: readonly string[]
  readonly unmatched?: readonly string[]
}

const golden = readGolden<ExpandRow>('expand.json')

/** Text of a Dockerfile is decoded before it gets here, bad bytes as U+FFFD. */
const textOf = (row: ExpandRow) => row.text ?? Buffer.from(row.text_b64!, 'base64').toString('utf8')

const comparable = ({ text, words, matched, unmatched }: Expansion) => ({
  result: text,
  words,
  matched: [...matched].sort(),
  unmatched: [...unmatched].sort(),
})

test.runIf(golden)('words expand, split and fail as in BuildKit', () => {
  const defaults = golden!.table.default_env as string[]
  const differing: unknown[] = []
  for (const row of golden!.rows) {
    const has = (option: string) => row.options?.includes(option) === true
    let found: unknown
    try {
      const expansion = expandWord(textOf(row), {
        env: envMap(row.env ?? defaults),
        ...(row.escape === undefined ? {} : { escape: row.escape }),
        rawQuotes: has('RawQuotes'),
        rawEscapes: has('RawEscapes'),
        skipQuotes: has('SkipProcessQuotes'),
        skipUnset: has('SkipUnsetEnv'),
      })
      found = comparable(expansion)
    } catch (error) {
      if (!isCooperageError(error) || error.code !== 'E_DF_VAR') throw error
      found = error.message
    }
    const { result, words, matched = [], unmatched = [] } = row
    const expected = row.error ?? {
      result,
      words,
      matched: [...matched].sort(),
      unmatched: [...unmatched].sort(),
    }
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      differing.push({ id: row.id, text: row.text, options: row.options, expected, found })
    }
  }
  expect(differences(differing)).toBeUndefined()
})

const lines = (name: string): string[] | undefined => {
  const path = sharedPath(`corpora/buildkit/shell/${name}`)
  return path === undefined ? undefined : readFileSync(path, 'utf8').split('\n')
}

const variables = lines('envVarTest')
const words = lines('wordsTest')

test.runIf(variables)("BuildKit's table of variables holds", () => {
  const env = envMap(['PWD=/home', 'SHELL=bash', 'KOREAN=한국어', 'NULL='])
  const differing: unknown[] = []
  let count = 0
  for (const line of variables!) {
    if (line.startsWith('#') || line.trim() === '') continue
    const [system, source, expected] = line
      .trim()
      .split('|')
      .map((part) => part.trim())
    if (system === 'W') continue
    count++
    let found: string
    try {
      found = expandWord(source!, { env }).text
    } catch {
      found = 'error'
    }
    if (found !== expected) differing.push({ source, expected, found })
  }
  expect(differences(differing)).toBeUndefined()
  expect(count).toBe(228)
})

test.runIf(words)("BuildKit's table of word splitting holds", () => {
  const env = new Map<string, string>()
  const differing: unknown[] = []
  let count = 0
  for (const line of words!) {
    if (line.startsWith('#') || line.trim() === '') continue
    const variable = /^ENV ([^=]+)=(.*)$/.exec(line)
    if (variable) {
      env.set(variable[1]!, variable[2]!)
      continue
    }
    const [source, rest] = line.split('|')
    const expected = rest!.trimStart().split(',')
    count++
    let found: readonly string[]
    try {
      found = expandWords(source!.trim(), { env })
    } catch {
      found = ['error']
    }
    if (found.join('\0') !== expected.join('\0')) differing.push({ source, expected, found })
  }
  expect(differences(differing)).toBeUndefined()
  expect(count).toBe(24)
})
