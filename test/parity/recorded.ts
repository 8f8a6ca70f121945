import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Built } from './built-image.js'

const FORMAT = 'one row a case: what BuildKit said when it failed, or what its image holds'

interface Recording {
  readonly format: string
  /** Which BuildKit answered. */
  readonly answers: string
  readonly rows: readonly (Built & { readonly name: string })[]
}

function fileOf(group: string): string {
  return fileURLToPath(new URL(`recorded/${group}.json`, import.meta.url))
}

/** What BuildKit made of the cases of a group, by their names. */
export function readRecorded(group: string): ReadonlyMap<string, Built> {
  if (!existsSync(fileOf(group))) return new Map()
  const { rows } = JSON.parse(readFileSync(fileOf(group), 'utf8')) as Recording
  return new Map(rows.map(({ name, ...built }) => [name, built]))
}

/** Keeps the answers, a line for each, so that a difference shows which case it is about. */
export function writeRecorded(group: string, answers: string, built: ReadonlyMap<string, Built>): void {
  const rows = [...built].map(([name, one]) => `    ${JSON.stringify({ name, ...one })}`)
  const head = `{\n  "format": ${JSON.stringify(FORMAT)},\n  "answers": ${JSON.stringify(answers)},\n  "rows": [\n`
  mkdirSync(dirname(fileOf(group)), { recursive: true })
  writeFileSync(fileOf(group), `${head}${rows.join(',\n')}\n  ]\n}\n`)
}
