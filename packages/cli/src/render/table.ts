import { escapeLine } from './escape.js'

/** Rows below their headings, columns three spaces apart as docker prints them. Ends with a line end. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [headings, ...rows.map((row) => row.map(escapeLine))]
  const widths = headings.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === headings.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('   ')
      .trimEnd()
  return `${shown.map(line).join('\n')}\n`
}

/** One object a line, as docker's `--format json`. Empty for no rows. */
export function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}
