/** Why a text is no line of comma-separated values, in the words of Go's `encoding/csv`. */
export class CsvError extends Error {}

/**
 * The fields of one line of comma-separated values (RFC 4180): a field may stand in double quotes, two of
 * which mean one. Throws `CsvError`; an empty text is one (`EOF`).
 */
export function csvFields(line: string): string[] {
  if (line === '') throw new CsvError('EOF')
  const fields: string[] = []
  let at = 0
  for (;;) {
    const field = line[at] === '"' ? quotedField(line, at) : plainField(line, at)
    fields.push(field.text)
    if (field.end >= line.length) return fields
    at = field.end + 1
  }
}

interface Field {
  readonly text: string
  /** Where the comma is, or the length of the line. */
  readonly end: number
}

function plainField(line: string, start: number): Field {
  const comma = line.indexOf(',', start)
  const end = comma < 0 ? line.length : comma
  const text = line.slice(start, end)
  const quote = text.indexOf('"')
  if (quote >= 0) throw csvError(line, start + quote, 'bare " in non-quoted field')
  return { text, end }
}

function quotedField(line: string, start: number): Field {
  let text = ''
  let at = start + 1
  for (;;) {
    const quote = line.indexOf('"', at)
    if (quote < 0) throw csvError(line, line.length, 'extraneous or missing " in quoted-field')
    text += line.slice(at, quote)
    const next = line[quote + 1]
    if (next === undefined || next === ',') return { text, end: quote + 1 }
    if (next !== '"') throw csvError(line, quote, 'extraneous or missing " in quoted-field')
    text += '"'
    at = quote + 2
  }
}

/** Columns count bytes, from 1. */
function csvError(line: string, at: number, problem: string): CsvError {
  const column = Buffer.byteLength(line.slice(0, at)) + 1
  return new CsvError(`parse error on line 1, column ${column}: ${problem}`)
}
