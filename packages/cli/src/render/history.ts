import type { HistoryRow } from '../commands/history.js'
import { shortId, showAge, showBytes } from './quantities.js'
import { jsonLines, table } from './table.js'

export interface HistoryFormat {
  readonly json: boolean
  readonly quiet: boolean
  readonly truncate: boolean
  readonly human: boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

const LONGEST_STEP = 45
const NO_IMAGE = '<missing>'

/** The steps of an image as docker shows them. */
export function renderHistory(rows: readonly HistoryRow[], format: HistoryFormat): string {
  const id = (row: HistoryRow): string =>
    row.id === undefined ? NO_IMAGE : format.truncate ? shortId(row.id) : row.id
  const size = (row: HistoryRow): string => (format.human ? showBytes(row.size) : String(row.size))
  const step = (row: HistoryRow): string => {
    const text = row.createdBy.replaceAll('\t', ' ')
    return format.truncate && text.length > LONGEST_STEP ? `${text.slice(0, LONGEST_STEP - 1)}…` : text
  }
  if (format.quiet) return rows.map((row) => `${id(row)}\n`).join('')
  if (format.json) {
    return jsonLines(
      rows.map((row) => ({
        Comment: row.comment,
        CreatedAt: row.created ?? '',
        CreatedBy: step(row),
        CreatedSince: showAge(row.created, format.now),
        ID: id(row),
        Size: size(row),
      })),
    )
  }
  return table(
    ['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'],
    rows.map((row) => [
      id(row),
      format.human ? showAge(row.created, format.now) : (row.created ?? ''),
      step(row),
      size(row),
      row.comment,
    ]),
  )
}
