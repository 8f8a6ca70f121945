import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { matchGlob } from '../packages/builder/src/context/match-glob.js'
import { differences, readGolden } from './golden.js'

interface MatchRow {
  readonly pattern: string
  readonly name: string
  readonly match?: boolean
  readonly error?: string
}

const golden = readGolden<MatchRow>('match.json')

test.runIf(golden)('wildcards match as filepath.Match does', () => {
  const differing: unknown[] = []
  for (const row of golden!.rows) {
    let found: unknown
    try {
      found = matchGlob(row.pattern, row.name)
    } catch (error) {
      if (!isCooperageError(error) || error.code !== 'E_GLOB') throw error
      found = 'error'
    }
    if (found !== (row.error ? 'error' : row.match)) differing.push({ row, found })
  }
  expect(differences(differing)).toBeUndefined()
})
