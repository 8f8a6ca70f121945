import { readFileSync } from 'node:fs'
import { sharedPath } from './shared.js'

/** A golden table, or undefined where the data is not beside this checkout. */
export function readGolden<Row>(name: string): { rows: Row[]; table: Record<string, unknown> } | undefined {
  const path = sharedPath(`corpora/golden/${name}`)
  if (path === undefined) return undefined
  const table = JSON.parse(readFileSync(path, 'utf8')) as { rows: Row[] } & Record<string, unknown>
  return { rows: table.rows, table }
}

/** Rows that differ, as one message with the first ten and the count; undefined when none does. */
export function differences(list: readonly unknown[]): string | undefined {
  if (list.length === 0) return undefined
  const shown = list.slice(0, 10).map((entry) => JSON.stringify(entry).slice(0, 600))
  return `${list.length} rows differ:\n${shown.join('\n')}`
}
