import type { EntryFacts, PathDifference } from '@cooperage/builder'
import { escapeJson, escapeLine } from './escape.js'

const LETTERS = { added: 'A', removed: 'D', changed: 'C' } as const

/** A line for each path: `A /new`, `D /gone`, `C /other (mode 644 > 755, content)`. As JSON, one object a line. */
export function renderDiff(differences: readonly PathDifference[], json: boolean): string {
  const lines = differences.map((one) => (json ? escapeJson(JSON.stringify(one)) : lineOf(one)))
  return lines.map((line) => `${line}\n`).join('')
}

function lineOf(one: PathDifference): string {
  const isDirectory = (one.after ?? one.before)?.type === 'directory'
  const path = escapeLine(`${one.path}${isDirectory ? '/' : ''}`)
  const what = one.fields.map((field) => describe(field, one)).join(', ')
  return `${LETTERS[one.kind]} ${path}${what === '' ? '' : ` (${what})`}`
}

function describe(field: PathDifference['fields'][number], { before, after }: PathDifference): string {
  const change = (value: (facts: EntryFacts) => string) =>
    before && after ? `${field} ${value(before)} > ${value(after)}` : field
  switch (field) {
    case 'type':
      return change(({ type }) => type)
    case 'mode':
      return change(({ mode }) => mode.toString(8))
    case 'owner':
      return change(({ uid, gid }) => `${uid}:${gid}`)
    case 'size':
      return change(({ size = 0 }) => String(size))
    case 'target':
      return change(({ target = '' }) => escapeLine(target))
    default:
      return field
  }
}
